import { PassThrough } from 'node:stream'
import { expect, test } from '@jest/globals'
import type { TerminalEvent } from '#core/ports/terminal'
import { type Exec, type ExecEnd, ExecRefused } from '#src/kubernetes/api/exec'
import { attachShell } from '#src/kubernetes/terminal/attached-shell'
import { openingError, sessionError, unsupportedMessage } from '#src/kubernetes/terminal/session-exec-errors'
import {
  createFrameSplitter,
  deriveDirections,
  type FrameDirection,
  frameKinds,
  numbered,
  type ReceivedFrame,
} from '#src/kubernetes/terminal/session-frames'

const key = Buffer.alloc(32, 7)
const id = 'aaaaaaaaaaaa'

/** An exec whose other end the test plays: it has the session's part of the frames. */
function playSession() {
  const stdout = new PassThrough()
  const splitter = createFrameSplitter()
  const received: ReceivedFrame[] = []
  const { promise: ended, resolve: end } = Promise.withResolvers<ExecEnd>()
  const { promise: hello, resolve: resolveHello } = Promise.withResolvers<ReceivedFrame>()
  const exec: Exec = {
    stdout,
    ended,
    write(data) {
      received.push(...(splitter.push(Buffer.from(data as Uint8Array)) ?? []))
      const [first] = received
      if (first !== undefined) resolveHello(first)
    },
    hold: () => undefined,
    close() {
      stdout.end()
      end({ stderr: '' })
    },
  }
  const challenge = (version = 1) => {
    const rest = Buffer.concat([Buffer.of(version), Buffer.alloc(16, 3)])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(1 + rest.length)
    stdout.write(Buffer.concat([length, Buffer.of(frameKinds.hello), rest]))
  }
  /** Answers the hello; resolves with the session's directions. */
  const greet = async (): Promise<{ output: FrameDirection; input: FrameDirection }> => {
    const { rest } = await hello
    const directions = deriveDirections(key, id, Buffer.concat([Buffer.alloc(16, 3), rest.subarray(0, 16)]))
    expect(directions.input.check({ kind: frameKinds.hello, rest })?.subarray(16)).toEqual(numbered(5))
    stdout.write(directions.output.sign(frameKinds.input, numbered(0)))
    return directions
  }
  return { exec, stdout, received, challenge, greet, end }
}

async function attached() {
  const session = playSession()
  session.challenge()
  const [shell, directions] = await Promise.all([attachShell(session.exec, { id, key, from: 5 }), session.greet()])
  const events: TerminalEvent[] = []
  const reading = (async () => {
    for await (const event of shell.events) events.push(event)
  })()
  return { ...session, ...directions, shell, events, reading }
}

test('the events of frames come in order, and the end is the last one', async () => {
  const { stdout, output, events, reading, end, received } = await attached()
  stdout.write(output.sign(frameKinds.size, Buffer.of(0, 80, 0, 24)))
  stdout.write(output.sign(frameKinds.echo, Buffer.of(2)))
  stdout.write(output.sign(frameKinds.output, numbered(5, Buffer.from('hello'))))
  stdout.write(output.sign(frameKinds.alive))
  const ended = { why: 'exited', exit: 3, total: 10, sha256: 'ab' }
  stdout.write(output.sign(frameKinds.end, Buffer.from(JSON.stringify(ended))))
  await reading
  expect(events).toEqual([
    { kind: 'input', upTo: 0 },
    { kind: 'size', size: { cols: 80, rows: 24 } },
    { kind: 'echo', echo: false, canonical: true },
    { kind: 'output', from: 5, bytes: Buffer.from('hello') },
    { kind: 'ended', exitCode: 3, signal: undefined, total: 10, sha256: 'ab', why: 'exited' },
  ])
  expect(received.at(-1)?.kind).toBe(frameKinds.seen)
  end({ stderr: '' })
})

test('T51 a tampered frame ends the connection as tampered, and shows nothing of it', async () => {
  const { stdout, output, events, reading } = await attached()
  const frame = output.sign(frameKinds.output, numbered(5, Buffer.from('hello')))
  frame.writeUInt8(frame.readUInt8(14) ^ 1, 14)
  stdout.write(frame)
  await expect(reading).rejects.toMatchObject({ name: 'TerminalConnectionError', kind: 'tampered' })
  expect(events).toEqual([{ kind: 'input', upTo: 0 }])
})

test('T51 what isn’t a frame, and content that no runner writes, end the connection as tampered', async () => {
  const kinds: readonly [number, Buffer][] = [
    [frameKinds.output, Buffer.alloc(3)],
    [frameKinds.size, Buffer.alloc(3)],
    [frameKinds.echo, Buffer.alloc(0)],
    [frameKinds.end, Buffer.from('{"why":3}')],
    [frameKinds.end, Buffer.from('no JSON')],
  ]
  for (const [kind, content] of kinds) {
    const { stdout, output, reading } = await attached()
    stdout.write(output.sign(kind, content))
    await expect(reading).rejects.toMatchObject({ kind: 'tampered' })
  }
  const { stdout, reading } = await attached()
  stdout.write(Buffer.from('Segmentation fault\n'))
  await expect(reading).rejects.toMatchObject({ kind: 'tampered' })
})

test('a session of another version, and one with another key, are refused with what to do', async () => {
  const other = playSession()
  other.challenge(2)
  await expect(attachShell(other.exec, { id, key, from: 5 })).rejects.toMatchObject({ kind: 'unsupported' })
  const stranger = playSession()
  stranger.challenge()
  const attaching = attachShell(stranger.exec, { id, key, from: 5 })
  const fault = Buffer.from('key')
  const length = Buffer.alloc(4)
  length.writeUInt32BE(1 + fault.length)
  stranger.stdout.write(Buffer.concat([length, Buffer.of(frameKinds.fault), fault]))
  await expect(attaching).rejects.toMatchObject({ kind: 'tampered', message: expect.stringContaining('another key') })
})

test('a connection that breaks is lost; one whose session has gone says so', async () => {
  const broken = await attached()
  broken.stdout.end()
  broken.end({ stderr: '', broken: 'socket hang up' })
  await expect(broken.reading).rejects.toMatchObject({
    kind: 'lost',
    message: expect.stringContaining('socket hang up'),
  })
  const gone = playSession()
  gone.stdout.end()
  gone.end({ stderr: '', status: { exitCode: 3, message: '' } })
  await expect(attachShell(gone.exec, { id, key, from: 5 })).rejects.toMatchObject({ kind: 'gone' })
})

test('a long text is sent in parts, as far as the shell has taken it', async () => {
  const { shell, stdout, output, input, received, reading } = await attached()
  const text = Buffer.alloc(200_000, 'x')
  shell.input(0, text)
  let taken = 0
  let at = 1
  while (taken < text.length) {
    for (; at < received.length; at += 1) {
      const content = input.check(received[at] ?? { kind: 0, rest: Buffer.alloc(0) }) ?? Buffer.alloc(0)
      expect(content.readBigUInt64BE()).toBe(BigInt(taken))
      expect(content.length).toBeLessThanOrEqual(8 + 16 * 1_024)
      taken += content.length - 8
    }
    expect(taken % (64 * 1_024) === 0 || taken === text.length).toBe(true)
    stdout.write(output.sign(frameKinds.input, numbered(taken)))
    if (taken < text.length) await new Promise((resolve) => setImmediate(resolve))
  }
  shell.close()
  await reading
})

test('an image without a runner that knows sessions is told by what to do', () => {
  const old = { stderr: 'flag provided but not defined: -session\nUsage of …', status: { exitCode: 2, message: '' } }
  expect(sessionError(old)).toMatchObject({ kind: 'unsupported', message: unsupportedMessage })
  const none = 'exec: "/usr/local/bin/retina-run": stat /usr/local/bin/retina-run: no such file or directory: unknown'
  expect(sessionError({ stderr: '', status: { message: none } })).toMatchObject({ kind: 'unsupported' })
  expect(openingError(new ExecRefused(500, none), '')).toMatchObject({ kind: 'unsupported' })
  expect(openingError(new ExecRefused(403, 'pods "x" is forbidden'), '')).toMatchObject({ kind: 'refused' })
  const policy = 'ValidatingAdmissionPolicy … denied request: retina-chatops: only the runner may be run in a container'
  expect(openingError(new ExecRefused(422, policy), '')).toMatchObject({ kind: 'refused' })
  expect(openingError(new ExecRefused(404, 'pods "x" not found'), '')).toMatchObject({ kind: 'gone' })
  expect(openingError(new Error('connect ECONNREFUSED'), '')).toMatchObject({ kind: 'lost' })
})

test('a kubelet that has just started, and knows no pods yet, is asked again', () => {
  expect(openingError(new ExecRefused(404, 'pod does not exist'), '')).toMatchObject({ kind: 'lost' })
  expect(openingError(new ExecRefused(404, 'pods "retina-aaaaaaaaaaaa" not found'), '')).toMatchObject({ kind: 'gone' })
})
