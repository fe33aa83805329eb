/** A change of a JSON value at one place. `at`: JSON pointer, `-` appends to a list; `be`: the new value, undefined removes it. Source: RFC 6901. */
export type JsonChange = { at: string; be?: unknown }

type Container = Record<string, unknown> | unknown[]

/** Returns a copy of a JSON value with one change. Makes what is missing on the way. Throws where a scalar stands on it. */
export function withChange<T>(value: T, { at, be }: JsonChange): T {
  const copy = structuredClone(value)
  const keys = at
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
  const last = keys.pop()
  if (last === undefined) throw new Error(`"${at}" points at no part`)
  let place = copy as Container
  for (const [index, key] of keys.entries()) {
    const next = get(place, key) ?? (isListKey(keys[index + 1] ?? last) ? [] : {})
    if (typeof next !== 'object') throw new Error(`"${at}": ${key} is no object`)
    set(place, key, next)
    place = next as Container
  }
  set(place, last, be)
  return copy
}

function isListKey(key: string): boolean {
  return key === '-' || /^\d+$/.test(key)
}

function get(place: Container, key: string): unknown {
  return Array.isArray(place) ? place[Number(key)] : place[key]
}

function set(place: Container, key: string, be: unknown): void {
  if (Array.isArray(place)) {
    if (key === '-') place.push(be)
    else if (be === undefined) place.splice(Number(key), 1)
    else place[Number(key)] = be
  } else if (be === undefined) delete place[key]
  else place[key] = be
}
