/** Media type of a segment: encrypted events, each after its length as an unsigned 32-bit integer. */
export const segmentType = 'application/vnd.retina.recording'

/** Bytes of encrypted events that make a segment. */
export const segmentBytes = 32 * 1_024

/** Returns the name of a segment of a recording, from 0. */
export function segmentName(id: string, segment: number): string {
  return `recordings/${id}/${String(segment).padStart(6, '0')}`
}

/** Returns the bytes of a segment. */
export function packSegment(events: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(events.reduce((sum, each) => sum + 4 + each.length, 0))
  const view = new DataView(bytes.buffer)
  let at = 0
  for (const each of events) {
    view.setUint32(at, each.length)
    bytes.set(each, at + 4)
    at += 4 + each.length
  }
  return bytes
}

/** Returns the events of a segment; undefined where it doesn't end with an event. Total: never throws. */
export function unpackSegment(bytes: Uint8Array): readonly Uint8Array[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const events: Uint8Array[] = []
  let at = 0
  while (at < bytes.length) {
    if (at + 4 > bytes.length) return undefined
    const end = at + 4 + view.getUint32(at)
    if (end > bytes.length) return undefined
    events.push(bytes.subarray(at + 4, end))
    at = end
  }
  return events
}
