import type { FieldKinds, StoredValue, ValueKinds, Values } from '#core/ports/store'
import { type FakeClock, fakeClock } from './clock.ts'
import { expiringMap } from './expiring.ts'

export type FakeValues = Values & {
  /** Changes a stored value as somebody without the key would. */
  breakValue: (kind: keyof ValueKinds, key: string) => void
  breakField: (kind: keyof FieldKinds, key: string, field: string) => void
}

type Entry = { value: unknown; broken?: true; until?: number }

/** Returns a store of values in memory. */
export function memoryValues(clock: FakeClock = fakeClock()): FakeValues {
  const values = expiringMap<Entry>(clock)
  const fields = expiringMap<Record<string, Entry>>(clock)
  const open = (entry: Entry | undefined): StoredValue<never> => {
    if (entry === undefined) return undefined
    return entry.broken ? 'broken' : (entry.value as never)
  }
  return {
    async setValue(kind, key, value, seconds) {
      values.set(`${kind}:${key}`, { value }, seconds)
    },
    getValue: async (kind, key) => open(values.get(`${kind}:${key}`)),
    async takeValue(kind, key) {
      const entry = values.get(`${kind}:${key}`)
      values.delete(`${kind}:${key}`)
      return open(entry)
    },
    async deleteValue(kind, key) {
      values.delete(`${kind}:${key}`)
    },
    async setField(kind, key, field, value, seconds) {
      const others = fields.get(`${kind}:${key}`)
      const until = clock.now().getTime() + seconds * 1_000
      const longest = Math.max(until, ...Object.values(others ?? {}).map((each) => each.until ?? 0))
      const lifetime = (longest - clock.now().getTime()) / 1_000
      fields.set(`${kind}:${key}`, { ...others, [field]: { value, until } }, lifetime)
    },
    async fields(kind, key) {
      const all = Object.entries(fields.get(`${kind}:${key}`) ?? {})
      const now = clock.now().getTime()
      const live = all.filter(([, { until = Number.POSITIVE_INFINITY }]) => until > now)
      return new Map(live.map(([field, entry]) => [field, open(entry)] as never))
    },
    async field(kind, key, field) {
      const entry = fields.get(`${kind}:${key}`)?.[field]
      const { until = Number.POSITIVE_INFINITY } = entry ?? {}
      return entry === undefined || until <= clock.now().getTime() ? undefined : open(entry)
    },
    async deleteField(kind, key, field) {
      const { [field]: _deleted, ...rest } = fields.get(`${kind}:${key}`) ?? {}
      fields.replace(`${kind}:${key}`, rest)
    },
    breakValue(kind, key) {
      values.set(`${kind}:${key}`, { value: null, broken: true })
    },
    breakField(kind, key, field) {
      fields.replace(`${kind}:${key}`, { ...fields.get(`${kind}:${key}`), [field]: { value: null, broken: true } })
    },
  }
}
