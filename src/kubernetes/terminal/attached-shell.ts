import { randomBytes } from 'node:crypto'
import { type AttachedShell, TerminalConnectionError, type TerminalEvent } from '#core/ports/terminal'
import type { Exec } from '#src/kubernetes/api/exec'
import { faultError, tamperedError, toEvent } from './session-events.ts'
import { connectionLost } from './session-exec-errors.ts'
import {
  createFrameSplitter,
  deriveDirections,
  type FrameDirection,
  frameKinds,
  nonceBytes,
  numbered,
  protocolVersion,
  type ReceivedFrame,
} from './session-frames.ts'

/** Time in milliseconds between two signs of life to the session, which ends a connection that is silent for 60 s. */
const aliveIntervalMs = 15_000

/** Time in milliseconds without anything from the session after which the connection counts as broken. */
const silenceMs = 50_000

/** Time in milliseconds within which a session has to accept the connection. */
const handshakeTimeoutMs = 15_000

/** Time in milliseconds within which a session closes the connection after its end was seen. */
const seenTimeoutMs = 3_000

/** Typed bytes that are sent before the session says that its shell was given them, and in one frame. */
const inputWindowBytes = 64 * 1_024
const inputFrameBytes = 16 * 1_024

export type AttachOptions = { id: string; key: Buffer; from: number }

/**
 * Attaches to a session through the exec of `retina-run --attach`, whose standard input and output it owns from then on.
 * Rejects with a `TerminalConnectionError`, and closes the exec then.
 */
export async function attachShell(exec: Exec, { id, key, from }: AttachOptions): Promise<AttachedShell> {
  const frames = receiveFrames(exec)
  const timer = setTimeout(exec.close, handshakeTimeoutMs)
  try {
    const nonces = Buffer.concat([await readChallenge(frames, exec), randomBytes(nonceBytes)])
    const directions = deriveDirections(key, id, nonces)
    exec.write(directions.input.sign(frameKinds.hello, numberedAfter(nonces.subarray(nonceBytes), from)))
    const first = await frames.next()
    if (first.done === true) throw await connectionLost(exec)
    const event = readFirst(first.value, directions.output)
    return createShell(exec, frames, directions, event)
  } catch (error) {
    exec.close()
    throw error
  } finally {
    clearTimeout(timer)
  }
}

function numberedAfter(nonce: Buffer, from: number): Buffer {
  return Buffer.concat([nonce, numbered(from)])
}

async function readChallenge(frames: AsyncIterator<ReceivedFrame>, exec: Exec): Promise<Buffer> {
  const first = await frames.next()
  if (first.done === true) throw await connectionLost(exec)
  const { kind, rest } = first.value
  if (kind !== frameKinds.hello || rest.length !== 1 + nonceBytes) throw tamperedError()
  if (rest[0] !== protocolVersion)
    throw new TerminalConnectionError(
      'unsupported',
      'the shell image has a runner with another form of sessions: build and name the shell image of this version',
    )
  return rest.subarray(1)
}

/** Reads the session's first answer: whether it accepts the key, and how much was typed. */
function readFirst(frame: ReceivedFrame, output: FrameDirection): TerminalEvent {
  const content = output.check(frame)
  if (content === undefined)
    throw frame.kind === frameKinds.fault ? faultError(frame.rest.toString('utf8')) : tamperedError()
  const event = toEvent(frame.kind, content)
  if (event?.kind !== 'input') throw tamperedError()
  return event
}

/** Yields the frames of an exec's output; a reader that stops reading stops the exec from being read. */
async function* receiveFrames({ stdout }: Exec): AsyncGenerator<ReceivedFrame> {
  const splitter = createFrameSplitter()
  for await (const bytes of stdout) {
    const frames = splitter.push(bytes as Buffer)
    if (frames === undefined) throw tamperedError()
    yield* frames
  }
}

function createShell(
  exec: Exec,
  frames: AsyncIterator<ReceivedFrame>,
  { input, output }: { input: FrameDirection; output: FrameDirection },
  first: TerminalEvent,
): AttachedShell {
  let isOpen = true
  let isClosing = false
  let heardAt = performance.now()
  let isWaiting = false
  const send = (kind: number, content?: Uint8Array) => {
    if (isOpen && !isClosing) exec.write(input.sign(kind, content))
  }
  const typing = createTyping((from, bytes) => send(frameKinds.input, numbered(from, bytes)))
  const alive = setInterval(() => {
    if (isWaiting && performance.now() - heardAt > silenceMs) exec.close()
    else send(frameKinds.alive)
  }, aliveIntervalMs).unref()
  const finish = (closeMs = 0) => {
    isOpen = false
    clearInterval(alive)
    exec.stdout.resume()
    if (closeMs === 0) exec.close()
    else setTimeout(exec.close, closeMs).unref()
  }
  void exec.ended.then(() => clearInterval(alive))

  /** Reads the next event; undefined for a frame without one, and once this end has closed the connection. */
  const readNext = async () => {
    isWaiting = true
    const next = await frames.next()
    isWaiting = false
    heardAt = performance.now()
    if (isClosing) return undefined
    if (next.done === true) throw await connectionLost(exec)
    const content = output.check(next.value)
    if (content === undefined) throw tamperedError()
    return toEvent(next.value.kind, content)
  }
  async function* readEvents(): AsyncGenerator<TerminalEvent> {
    let event: TerminalEvent | undefined = first
    try {
      while (!isClosing && event?.kind !== 'ended') {
        if (event !== undefined) typing.typed(event)
        if (event !== undefined) yield event
        event = await readNext()
      }
      if (event !== undefined && !isClosing) yield event
    } catch (error) {
      if (!isClosing) throw error
    } finally {
      // The reader has taken it, also where they leave their loop with it.
      const hasEnded = event?.kind === 'ended'
      if (hasEnded) send(frameKinds.seen)
      finish(hasEnded ? seenTimeoutMs : 0)
    }
  }

  return {
    events: { [Symbol.asyncIterator]: readEvents },
    input: typing.type,
    resize({ cols, rows }) {
      const content = Buffer.alloc(4)
      content.writeUInt16BE(cols, 0)
      content.writeUInt16BE(rows, 2)
      send(frameKinds.size, content)
    },
    acknowledge: (upTo) => send(frameKinds.acknowledge, numbered(upTo)),
    hangUp: () => send(frameKinds.hangUp),
    close() {
      isClosing = true
      clearInterval(alive)
      exec.close()
    },
  }
}

/**
 * Sends typed bytes in frames, and only as many as the session can take before it says how many its shell was given: a
 * long text is held here.
 */
function createTyping(send: (from: number, bytes: Uint8Array) => void) {
  const waiting: { from: number; bytes: Uint8Array }[] = []
  let given = 0
  let sent = 0
  const pump = () => {
    for (let next = waiting[0]; next !== undefined && sent - given < inputWindowBytes; next = waiting[0]) {
      const part = next.bytes.subarray(0, inputFrameBytes)
      send(next.from, part)
      sent = Math.max(sent, next.from + part.length)
      if (part.length === next.bytes.length) waiting.shift()
      else waiting[0] = { from: next.from + part.length, bytes: next.bytes.subarray(part.length) }
    }
  }
  return {
    type(from: number, bytes: Uint8Array) {
      if (bytes.length > 0) waiting.push({ from, bytes: Uint8Array.from(bytes) })
      pump()
    },
    /** Reads from an event how many bytes the shell was given. */
    typed(event: TerminalEvent) {
      if (event.kind !== 'input') return
      given = Math.max(given, event.upTo)
      sent = Math.max(sent, given)
      pump()
    },
  }
}
