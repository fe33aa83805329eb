import type { Values } from '#core/ports/store'

/** Returns a store of values in memory, without signatures. */
export function memoryValues(): Pick<Values, 'setValue' | 'getValue'> {
  const values = new Map<string, unknown>()
  return {
    async setValue(kind, key, value) {
      values.set(`${kind}:${key}`, value)
    },
    getValue: async (kind, key) => values.get(`${kind}:${key}`) as never,
  }
}
