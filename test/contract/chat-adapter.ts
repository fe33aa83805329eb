import { describe, expect, test } from '@jest/globals'
import { chartText } from '#core/messages/chart-text'
import { renderMessage } from '#core/messages/render'
import type { ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef } from '#core/people/principal'
import type { ChatAdapter, InboundAction, InboundCommand } from '#core/ports/chat'
import { chartPng } from '#src/charts/png'
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
  /** Number of messages that the platform accepts at once. */
  burst: number
  /** Turns off the platform's rate limit. */
  unhurried: () => void
  /** False for a platform without files. */
  takesFiles: boolean
  files: () => Promise<{ name: string; content: string; alt: string }[]>
  /** Sends a text as a regular member. */
  type: (text: string) => Promise<void>
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
    }, 30_000)

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
