import { expect, test } from '@jest/globals'
import type { Message } from '#core/messages/message'
import type { InboundCommand } from '#core/ports/chat'
import { endedWith, sampleMessages } from '#test/samples/messages'
import { openTerminal } from './terminal.ts'

type FanOut = Extract<Message, { kind: 'fan-out' }>

function fanOut(change: Partial<FanOut>): FanOut {
  const base = {
    kind: 'fan-out' as const,
    id: 'f1',
    by: 'Alice',
    where: 'nodes with pool=web',
    command: 'dig x.example',
  }
  return { ...base, total: 2, ended: 2, running: 0, results: [], skipped: [], actions: [], ...change }
}

const done = { reason: 'completed' as const, exitCode: 0, same: true, targets: ['node/web011'] }
const failed = { reason: 'failed' as const, exitCode: 9, same: true, targets: ['node/web012'] }

/** Sends a command to a bot that replies with these messages, each replacing the one before. */
async function send(replies: readonly Message[], output: 'text' | 'json' = 'text', aborted = false) {
  const commands: InboundCommand[] = []
  const type = await openTerminal(async (adapter, command) => {
    commands.push(command)
    const [first, ...others] = replies
    if (commands.length > 1 || first === undefined) return
    const message = await adapter.post(command.thread, first)
    for (const each of others) await adapter.edit(message, each)
  })
  const stop = new AbortController()
  if (aborted) setImmediate(() => stop.abort())
  const { code, lines } = await type('shell -l pool=web dig x.example', stop.signal, output)
  return { code, printed: lines.join('\n'), lines, commands }
}

test('a command on many targets is waited for, and each target’s outcome is printed', async () => {
  const running = fanOut({ ended: 0, running: 2 })
  const { code, printed } = await send([running, { ...running }, fanOut({ results: [failed, done] })])
  expect(code).toBe(9)
  expect(printed).toContain('0 of 2 done')
  expect(printed.match(/0 of 2 done/g)).toHaveLength(1)
  expect(printed).toContain('node/web011: Done, exit code 0')
  expect(printed).toContain('node/web012: Failed, exit code 9')
})

test.each([
  [[done], 0],
  [[{ ...done, targets: ['node/web011', 'node/web012'] }], 0],
  [[failed], 9],
  [[failed, { ...failed, exitCode: 1, targets: ['node/web013'] }], 1],
  [[{ reason: 'deadline' as const, same: true, targets: ['node/web011'] }, done], 1],
  [[], 1],
])('the exit code of a command on many targets shows their outcomes: %j → %i', async (results, expected) => {
  const { code } = await send([fanOut({ results })])
  expect(code).toBe(expected)
})

const asking = sampleMessages.find((message) => message.kind === 'asking')

test.each([
  ['denied', 4],
  ['expired', 4],
  ['withdrawn', 4],
] as const)('a request that is %s ends the command', async (state, expected) => {
  if (asking?.kind !== 'asking') throw new Error('no sample')
  const { code } = await send([asking, { ...asking, state }])
  expect(code).toBe(expected)
})

test('as JSON, each message of the thread is one line, and the last one is the exit code', async () => {
  const { lines, code } = await send(
    [fanOut({ ended: 1, running: 1, results: [done] }), fanOut({ results: [done, failed] })],
    'json',
  )
  expect(code).toBe(9)
  const events = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(events).toMatchObject([
    { event: 'posted', message: expect.any(String), kind: 'fan-out', id: 'f1', content: { ended: 1, total: 2 } },
    {
      event: 'edited',
      message: events[0]?.['message'],
      kind: 'fan-out',
      id: 'f1',
      content: { results: [{ exitCode: 0 }, { exitCode: 9 }] },
    },
    { event: 'exit', code: 9 },
  ])
  expect(events[1]?.['text']).toContain('Done on 2')
  expect(events[0]?.['at']).toMatch(/^\d{4}-/)
})

test('as JSON, a run has its id, and its end', async () => {
  const { lines, code } = await send([endedWith('hello')], 'json')
  expect(code).toBe(0)
  const [first] = lines.map(
    (line) => JSON.parse(line) as { id: string; kind: string; content: { run: { id: string } } },
  )
  expect(first).toMatchObject({ kind: 'ended', content: { end: { exitCode: 0 }, output: { tail: 'hello' } } })
  expect(first?.id).toBe(first?.content.run.id)
})

test('an interrupted command is canceled, and its end is waited for', async () => {
  const stop = new AbortController()
  const texts: string[] = []
  const running = fanOut({ ended: 0, running: 2 })
  const canceled = { reason: 'canceled' as const, same: true, targets: ['node/web011', 'node/web012'] }
  const type = await openTerminal(async (adapter, { text, thread }) => {
    texts.push(text)
    if (texts.length > 1) return
    const message = await adapter.post(thread, running)
    setImmediate(() => stop.abort())
    void until(stop.signal, () => texts.length > 1).then(() => adapter.edit(message, fanOut({ results: [canceled] })))
  })
  const { code, lines } = await type('shell -l pool=web ping x', stop.signal)
  expect(code).toBe(130)
  expect(texts).toEqual(['shell -l pool=web ping x', 'cancel f1'])
  expect(lines.join('\n')).toContain('Canceled')
})

/** Resolves once the signal is aborted and the condition holds. */
async function until(signal: AbortSignal, condition: () => boolean): Promise<void> {
  while (!signal.aborted || !condition()) await new Promise((resolve) => setImmediate(resolve))
}

test('an interrupted command that nothing is known of just ends', async () => {
  const { code, commands } = await send([], 'text', true)
  expect(code).toBe(130)
  expect(commands).toHaveLength(1)
})
