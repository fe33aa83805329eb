import { parseJson, toRecord } from '#core/util/json'

export type JsonObject = Readonly<Record<string, unknown>>

/** Returns a value as an object; an empty one for anything else. */
export function toObject(value: unknown): JsonObject {
  return toRecord(value)
}

/** Returns the metadata of a Kubernetes object. */
export const metadataOf = (object: JsonObject) => toObject(object['metadata'])
/** Returns the spec of a Kubernetes object. */
export const specOf = (object: JsonObject) => toObject(object['spec'])

/** Returns the objects of a list of JSON; undefined for a text that is none. Empty text is an empty list. */
export function parseList(text: string): readonly JsonObject[] | undefined {
  if (text.trim() === '') return []
  const json = parseJson(text)
  return Array.isArray(json) ? json.map(toObject) : undefined
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
