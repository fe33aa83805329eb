import { TerminalConnectionError, type TerminalEndReason, type TerminalEvent } from '#core/ports/terminal'
import { parseJson, toRecord } from '#core/util/json'
import { frameKinds, readNumber } from './session-frames.ts'

/** Faults that a session names when it ends a connection. `key`: before anything else, without a MAC. */
const faults: Readonly<Record<string, () => TerminalConnectionError>> = {
  replaced: () =>
    new TerminalConnectionError('replaced', 'somebody attached to the session after this connection: open it again'),
  released: () =>
    new TerminalConnectionError('released', 'the session holds no output from that byte on: attach from a later one'),
  gap: () =>
    new TerminalConnectionError('gap', 'typed bytes are missing: send all from the number that the session has'),
  key: () => new TerminalConnectionError('tampered', 'the session has another key: end it and start a new one'),
}

/** Returns the error for a fault's name. */
export function faultError(name: string): TerminalConnectionError {
  const known = Object.hasOwn(faults, name) ? faults[name] : undefined
  return known?.() ?? new TerminalConnectionError('lost', 'the session ended the connection: attach again')
}

export function tamperedError(): TerminalConnectionError {
  return new TerminalConnectionError(
    'tampered',
    'what arrived was not sent by the session’s runner: end the session, and look who else works in its container',
  )
}

/**
 * Reads the event of a frame whose MAC is right; undefined for one without an event. Throws the fault that the session
 * reports, and `tampered` for content that no runner writes.
 */
export function toEvent(kind: number, content: Buffer): TerminalEvent | undefined {
  switch (kind) {
    case frameKinds.output:
      return { kind: 'output', from: needNumber(content), bytes: content.subarray(8) }
    case frameKinds.input:
      return { kind: 'input', upTo: needNumber(content) }
    case frameKinds.echo: {
      const flags = need(content[0])
      return { kind: 'echo', echo: (flags & 1) !== 0, canonical: (flags & 2) !== 0 }
    }
    case frameKinds.size:
      if (content.length !== 4) throw tamperedError()
      return { kind: 'size', size: { cols: content.readUInt16BE(0), rows: content.readUInt16BE(2) } }
    case frameKinds.fault:
      throw faultError(content.toString('utf8'))
    case frameKinds.end:
      return toEnd(content.toString('utf8'))
    default:
      return undefined
  }
}

type RunnerEnd = { why: TerminalEndReason; exit?: number; signal?: string; total: number; sha256: string }

function toEnd(text: string): TerminalEvent {
  const { why, exit: exitCode, signal, total, sha256 } = parse(text)
  return { kind: 'ended', exitCode, signal, total, sha256, why }
}

function parse(text: string): RunnerEnd {
  const end: Partial<RunnerEnd> = toRecord(parseJson(text))
  const isWhole = typeof end.why === 'string' && typeof end.total === 'number' && typeof end.sha256 === 'string'
  if (!isWhole) throw tamperedError()
  return end as RunnerEnd
}

function needNumber(content: Buffer): number {
  return need(readNumber(content))
}

function need(value: number | undefined): number {
  if (value === undefined) throw tamperedError()
  return value
}
