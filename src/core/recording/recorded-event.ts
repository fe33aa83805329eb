/** Codes of events, those of asciicast: output, input, size (`COLSxROWS`). */
const codes = ['o', 'i', 'r'] as const

/**
 * Event of a recording. `at`: ms since the recording began. `from`: for output, the number of its first byte since the session's start;
 * 0 for others.
 */
export type RecordedEvent = { at: number; code: (typeof codes)[number]; from: number; data: Uint8Array }

/** Bytes before the data: code, time, byte number. */
const headBytes = 17

/** Encodes an event, before it is encrypted. */
export function encodeEvent({ at, code, from, data }: RecordedEvent): Uint8Array {
  const bytes = new Uint8Array(headBytes + data.length)
  const view = new DataView(bytes.buffer)
  view.setUint8(0, codes.indexOf(code))
  view.setBigUint64(1, BigInt(Math.max(0, Math.round(at))))
  view.setBigUint64(9, BigInt(from))
  bytes.set(data, headBytes)
  return bytes
}

/** Decodes an event; undefined for bytes that are none. Total: never throws. */
export function decodeEvent(bytes: Uint8Array): RecordedEvent | undefined {
  if (bytes.length < headBytes) return undefined
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const code = codes[view.getUint8(0)]
  if (code === undefined) return undefined
  return {
    at: Number(view.getBigUint64(1)),
    code,
    from: Number(view.getBigUint64(9)),
    data: bytes.slice(headBytes),
  }
}
