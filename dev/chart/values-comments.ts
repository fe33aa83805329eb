import { isMap, isScalar, parseDocument, stringify, type YAMLMap } from 'yaml'

/** A value of values.yaml: its path, the comment `# -- …` above it, and its default as a text of YAML. */
export type DocumentedValue = { path: readonly string[]; description: string | undefined; fallback: string }

/** Returns all values of values.yaml in order: maps by their parts, except those that are empty or have a comment and no commented part. */
export function documentedValues(text: string): DocumentedValue[] {
  const { contents } = parseDocument(text)
  return isMap(contents) ? valuesOf(contents, []) : []
}

function valuesOf(map: YAMLMap, path: readonly string[]): DocumentedValue[] {
  return map.items.flatMap((pair, index) => {
    const { key, value } = pair
    if (!isScalar(key)) return []
    // The comment above a map's first key belongs to the map.
    const comment = key.commentBefore ?? (index === 0 ? map.commentBefore : undefined)
    const at = [...path, String(key.value)]
    const own = { path: at, description: descriptionOf(comment), fallback: stringify(value, flow).trim() }
    if (!isMap(value) || value.flow === true || value.items.length === 0) return [own]
    const parts = valuesOf(value, at)
    return own.description === undefined || parts.some(({ description }) => description !== undefined) ? parts : [own]
  })
}

const flow = { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true } as const

/** Returns the text behind `--` in a comment; undefined for a comment without. */
function descriptionOf(comment: string | null | undefined): string | undefined {
  const [, text] = /(?:^|\n) -- ([\s\S]*)$/.exec(comment ?? '') ?? []
  return text?.replaceAll(/\s*\n\s*/g, ' ')
}
