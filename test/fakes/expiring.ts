import type { FakeClock } from './clock.ts'

/** Map whose entries end at a time, as keys in Redis do. Values are copied on the way in and out: a store holds plain JSON. */
export type ExpiringMap<T> = {
  get: (key: string) => T | undefined
  /** `seconds`: lifetime from now; for ever where it is left out. */
  set: (key: string, value: T, seconds?: number) => void
  /** Replaces a value; its lifetime stays as it is. */
  replace: (key: string, value: T) => void
  delete: (key: string) => boolean
  entries: () => (readonly [string, T])[]
}

export function expiringMap<T>({ now }: Pick<FakeClock, 'now'>): ExpiringMap<T> {
  const all = new Map<string, { text: string; until: number }>()
  const live = (key: string) => {
    const found = all.get(key)
    if (found !== undefined && found.until > now().getTime()) return found
    all.delete(key)
    return undefined
  }
  const get = (key: string) => {
    const found = live(key)
    return found === undefined ? undefined : (JSON.parse(found.text) as T)
  }
  return {
    get,
    set(key, value, seconds) {
      const until = seconds === undefined ? Number.POSITIVE_INFINITY : now().getTime() + seconds * 1_000
      all.set(key, { text: JSON.stringify(value), until })
    },
    replace(key, value) {
      const { until = Number.POSITIVE_INFINITY } = live(key) ?? {}
      all.set(key, { text: JSON.stringify(value), until })
    },
    delete: (key) => live(key) !== undefined && all.delete(key),
    entries: () =>
      [...all.keys()].flatMap((key) => {
        const value = get(key)
        return value === undefined ? [] : [[key, value] as const]
      }),
  }
}
