import type { TerminalSize } from '#core/ports/terminal'

/** Maximum bytes of one message of a browser. */
export const maxInwardBytes = 64 * 1_024
/** Bytes before the data in a binary message: its kind, and the number of the first byte as an unsigned 64-bit integer. */
const headBytes = 9
/** Kind of a binary message that carries bytes of the terminal, in either direction. */
const dataKind = 1

/** Message of a browser. `from` of `hello`: number of the first output byte that it wants; absent where it has none yet. */
export type Inward =
  | { type: 'hello'; id: string; proof: string; from?: number; size: TerminalSize }
  | { type: 'ack'; upTo: number }
  | { type: 'size'; size: TerminalSize }
  | { type: 'end' }
  | { type: 'input'; from: number; bytes: Uint8Array }

/** Message to a browser. `bye` with `final`: it needn't try again. */
export type Outward =
  /** `aliveMs`: time between two signs of life, which a page can't see of a WebSocket's own pings. */
  | { type: 'nonce'; nonce: string; aliveMs: number }
  | { type: 'alive' }
  | { type: 'starting' }
  | { type: 'notice'; message: string }
  | {
      type: 'ready'
      from: number
      gap: boolean
      until: string
      target: string
      set: string
      person: string
      idle: number
    }
  | { type: 'input'; upTo: number }
  | { type: 'echo'; echo: boolean; canonical: boolean }
  | { type: 'ended'; exitCode?: number; signal?: string; total: number; sha256: string }
  | { type: 'bye'; reason: string; message: string; final: boolean }

/** Encodes output; `from` is the number of its first byte. */
export function encodeData(from: number, bytes: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(headBytes + bytes.length)
  frame.writeUInt8(dataKind, 0)
  frame.writeBigUInt64BE(BigInt(from), 1)
  frame.set(bytes, headBytes)
  return frame
}

/** Returns a browser's message; undefined for anything else. Total: never throws. */
export function decodeInward(data: Buffer, isBinary: boolean): Inward | undefined {
  return isBinary ? decodeData(data) : decodeJson(data.toString('utf8'))
}

function decodeData(data: Buffer): Inward | undefined {
  if (data.length <= headBytes || data.readUInt8(0) !== dataKind) return undefined
  const from = Number(data.readBigUInt64BE(1))
  return Number.isSafeInteger(from) ? { type: 'input', from, bytes: data.subarray(headBytes) } : undefined
}

function decodeJson(text: string): Inward | undefined {
  const value = parse(text)
  if (value === undefined) return undefined
  switch (value['type']) {
    case 'hello': {
      const { id, proof, from } = value
      const size = toSize(value['size'])
      if (typeof id !== 'string' || !/^[a-z2-7]{12}$/.test(id) || typeof proof !== 'string' || size === undefined)
        return undefined
      return { type: 'hello', id, proof, size, ...(isPosition(from) ? { from } : {}) }
    }
    case 'ack':
      return isPosition(value['upTo']) ? { type: 'ack', upTo: value['upTo'] } : undefined
    case 'size': {
      const size = toSize(value['size'])
      return size === undefined ? undefined : { type: 'size', size }
    }
    case 'end':
      return { type: 'end' }
    default:
      return undefined
  }
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

function isPosition(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

/** Returns a size within what a PTY and a person can use: 1 to 1,000 each; undefined for what is no size. */
function toSize(value: unknown): TerminalSize | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const { cols, rows } = value as Record<string, unknown>
  if (!Number.isInteger(cols) || !Number.isInteger(rows)) return undefined
  const clamp = (each: unknown) => Math.min(1_000, Math.max(1, Number(each)))
  return { cols: clamp(cols), rows: clamp(rows) }
}
