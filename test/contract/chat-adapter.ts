import { describe, expect, test } from '@jest/globals'
import { chartText } from '#core/messages/chart-text'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import type { ConversationKind } from '#core/messages/thread-or-channel'
import { type MessageRef, type ThreadRef, threadUnder } from '#core/messages/thread-ref'
import type { AccountRef } from '#core/people/principal'
import type { ChatAdapter, InboundAction, InboundCommand } from '#core/ports/chat'
import { chartPng } from '#src/charts/line-chart-png'
import { chart, endedWith, sampleMessages } from '#test/samples/messages'

/** Chat adapter under test with its platform, and access to what a person sees there. */
export type ChatBench = {
  adapter: ChatAdapter
  thread: ThreadRef
  /** Account of a regular member. */
  account: AccountRef
  commands: InboundCommand[]
  actions: InboundAction[]
  /** Returns the current messages, oldest first, as the text that a person reads. */
  shown: () => Promise<string[]>
  /** Returns the messages in the thread under a message, in the same way. */
  replies: (root: MessageRef) => Promise<string[]>
  /** Kind of the conversation. */
  kind: ConversationKind
  /** Number of messages that the platform accepts at once. */
  burst: number
  /** Turns off the platform's rate limit. */
  unhurried: () => void
  /** True where the platform knows which messages it has. */
  forgets: boolean
  /** False for a platform without files. */
  takesFiles: boolean
  files: () => Promise<{ name: string; content: string; alt: string }[]>
  /** Sends a text as a regular member. */
  type: (text: string) => Promise<void>
}

function running(tail: string): Extract<Message, { kind: 'running' }> {
  const { run, output } = endedWith(tail)
  return { kind: 'running', run, output, elapsed: 2 }
}

const hostile =
  '<!channel> <@U0BOB> @everyone ``` *b* _i_ ~s~ <https://evil.example|safe> &amp; <script>alert(1)</script> ![x](http://evil.example) {"type":"AdaptiveCard"}'

/** Tests what every chat adapter has to do, whatever its platform. */
export function chatAdapterContract(name: string, open: () => Promise<ChatBench>): void {
  describe(`${name} meets the contract of a chat adapter`, () => {
    test('every kind of message can be posted, and shows its texts', async () => {
      const { adapter, thread, shown, burst, unhurried } = await open()
      // One message more than the burst is delayed by the rate limit, and still posted.
      for (const message of sampleMessages.slice(0, burst + 1)) await adapter.post(thread, message)
      unhurried()
      for (const message of sampleMessages.slice(burst + 1)) await adapter.post(thread, message)
      const all = await shown()
      expect(all).toHaveLength(sampleMessages.length)
      for (const [at, message] of sampleMessages.entries()) {
        const view = renderMessage(message)
        const parts = [
          view.headline,
          view.numbers,
          view.title,
          view.text,
          view.output,
          view.outputNote,
          view.hint,
          ...view.facts,
        ]
        for (const part of parts.filter((each) => each !== undefined))
          expect(all[at]?.replaceAll('`', '')).toContain(part.replaceAll('`', ''))
        for (const { command } of view.examples) expect(all[at]).toContain(command)
      }
    })

    test('a message for one person only can be posted, and shows its texts', async () => {
      const { adapter, thread, account, shown } = await open()
      const posted = await adapter.postEphemeral(thread, account, {
        kind: 'refused',
        message: 'Not for you',
        typed: 'shell x',
      })
      expect(JSON.parse(JSON.stringify(posted))).toEqual(posted)
      expect((await shown())[0]).toContain('Not for you')
    })

    test('a message’s reference is plain data: any process may edit the message, and the last edit is final', async () => {
      const { adapter, thread, shown } = await open()
      const posted = await adapter.post(thread, endedWith('first'))
      const copy = JSON.parse(JSON.stringify(posted)) as typeof posted
      expect(copy).toEqual(posted)
      await adapter.edit(copy, endedWith('second'))
      await adapter.edit(copy, endedWith('third'))
      const [message, ...others] = await shown()
      expect(others).toEqual([])
      expect(message).toContain('third')
      expect(message).not.toMatch(/first|second/)
    })

    test('a run’s message and the one in its thread are posted and edited separately, by any process', async () => {
      const { adapter, thread, shown, replies } = await open()
      const ended = endedWith('the only line of output')
      const root = await adapter.post(thread, { ...running('a first line'), part: 'root' })
      const under = threadUnder(JSON.parse(JSON.stringify(root)) as typeof root)
      const output = await adapter.post(under, { ...running('a first line'), part: 'thread' })
      expect(await replies(root)).toEqual([expect.stringContaining('a first line')])
      await adapter.edit(JSON.parse(JSON.stringify(output)) as typeof output, { ...ended, part: 'thread' })
      await adapter.edit(JSON.parse(JSON.stringify(root)) as typeof root, { ...ended, part: 'root' })
      const [first, second, ...others] = await shown()
      expect(others).toEqual([])
      // The channel has the result and nothing else of the output; the thread has the output, and no word of the state.
      expect(first).toContain('Done, exit code 0, after 4 s: ping -c 5 10.0.0.1 on node/node001')
      expect(first).toContain('Carol · cluster dev · run abcdefgh2345')
      expect(first).not.toContain('set probe')
      expect(second).toContain('the only line of output')
      expect(second).toContain('set probe')
      expect(second).not.toMatch(/Done|running for|a first line/)
      expect(await replies(root)).toEqual([second])
    })

    test('a file of a run is attached in the thread of its message', async () => {
      const { adapter, thread, files, takesFiles, replies } = await open()
      if (!takesFiles) return
      const root = await adapter.post(thread, { ...endedWith('x'), part: 'root' })
      await adapter.post(threadUnder(root), { ...endedWith('x'), part: 'thread' })
      await adapter.attach(root, { name: 'run.txt', title: 'Whole output', text: 'all of it' })
      expect(await files()).toMatchObject([{ name: 'run.txt', content: 'all of it' }])
      expect(await replies(root)).toHaveLength(1)
    })

    test('it knows the kind of its conversation', async () => {
      const { adapter, thread, kind } = await open()
      expect(await adapter.conversation(thread)).toBe(kind)
    })

    test('a message that a conversation doesn’t take reaches its person', async () => {
      const { adapter, thread, account, shown } = await open()
      const posted = await adapter.postDirect(thread, account, endedWith('for one person'))
      expect(JSON.parse(JSON.stringify(posted))).toEqual(posted)
      expect((await shown()).at(-1)).toContain('for one person')
    })

    test('an edit of a message that is gone is refused for good', async () => {
      const { adapter, thread, forgets } = await open()
      if (!forgets) return
      const gone = { ...(await adapter.post(thread, endedWith('x'))), message: '1700000000.000001' }
      await expect(adapter.edit(gone, endedWith('y'))).rejects.toMatchObject({ permanent: true })
    })

    test('output as long as the limit fits', async () => {
      const { adapter, thread, shown } = await open()
      const longest = `${'x'.repeat(99)}\n`.repeat(Math.floor(adapter.limits.outputChars / 100) - 1).concat('the end')
      await adapter.post(thread, endedWith(longest))
      expect((await shown())[0]).toContain('the end')
    })

    test('a file is attached to its message, complete', async () => {
      const { adapter, thread, files, takesFiles } = await open()
      const message = await adapter.post(thread, endedWith('x'))
      const text = `${hostile}\n`.repeat(50)
      const attached = adapter.attach(message, { name: 'run.txt', title: 'Whole output', text })
      // On a platform without files, the error is permanent.
      if (!takesFiles) return expect(attached).rejects.toMatchObject({ permanent: true })
      await attached
      expect(await files()).toEqual([{ name: 'run.txt', content: text, alt: '' }])
    })

    test('a picture is attached to its message, with alternative text', async () => {
      const { adapter, thread, files, takesFiles } = await open()
      const message = await adapter.post(thread, endedWith('x'))
      if (!takesFiles) return
      const png = Buffer.from(await chartPng(chart)).toString('base64')
      await adapter.attach(message, { name: 'run.png', title: chart.title, png, alt: chartText(chart) })
      expect(await files()).toEqual([{ name: 'run.png', content: png, alt: chartText(chart) }])
    })

    test('T24 hostile output is shown literally', async () => {
      const { adapter, thread, shown } = await open()
      await adapter.post(thread, endedWith(hostile))
      expect((await shown())[0]).toContain(hostile)
      expect((await shown())[0]).not.toContain('⚠')
    })

    test('a typed command arrives once, with its sender and the place for the reply', async () => {
      const { type, commands, adapter } = await open()
      await type('shell node001 dig example.com')
      await type('shell node001 dig example.com')
      expect(commands).toHaveLength(2)
      const [first, second] = commands
      expect(first).toMatchObject({
        text: 'shell node001 dig example.com',
        account: { platform: adapter.platform },
        thread: { platform: adapter.platform },
      })
      expect(first?.key).not.toBe(second?.key)
      expect(JSON.parse(JSON.stringify(commands))).toEqual(commands)
    })

    test('the sender is an account that any process can look up at any time; unknown accounts don’t exist', async () => {
      const { type, commands, adapter } = await open()
      await type('shell node001 dig example.com')
      const ref = commands[0]?.account
      if (ref === undefined) throw new Error('nothing arrived')
      expect(Object.keys(ref).toSorted()).toEqual(['platform', 'team', 'user'])
      const account = await adapter.account(JSON.parse(JSON.stringify(ref)) as typeof ref)
      expect(account).toMatchObject({ ...ref, kind: 'member', email: 'alice@example.com' })
      expect(JSON.parse(JSON.stringify(account))).toEqual(account)
      const nobody = await adapter.account({ ...ref, user: 'U0NOBODY' })
      expect(nobody).toMatchObject({ kind: 'unknown', groups: [] })
      expect(nobody.email).toBeUndefined()
    })

    test('it is ready, and can be closed', async () => {
      const { adapter } = await open()
      expect(await adapter.ready()).toBe(true)
      await adapter.close()
    })
  })
}
