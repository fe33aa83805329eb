/** Fields of Redis' answer to INFO. */
export type Info = ReadonlyMap<string, string>

/** Parses the answer of INFO. */
export function parseInfo(text: string): Info {
  return new Map(
    text.split(/\r?\n/).flatMap((line) => {
      const colon = line.indexOf(':')
      return colon === -1 || line.startsWith('#') ? [] : [[line.slice(0, colon), line.slice(colon + 1)] as const]
    }),
  )
}

/** Returns the memory in bytes that counts for `maxmemory`; NaN where Redis doesn't say. */
export function usedBytesOf(info: Info): number {
  return Number(info.get('used_memory')) - Number(info.get('mem_not_counted_for_evict') ?? 0)
}
