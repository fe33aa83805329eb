import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml'
import { errorMessage } from '#core/util/error-message'

/** Position in a file; line and column start at 1. */
export type SourcePosition = { line: number; column: number }
export type Path = readonly PropertyKey[]

/** Reports a mistake or a warning about the value at a path. */
export type Note = (path: Path, message: string) => void

export type Source = {
  value: unknown
  mistakes: readonly (SourcePosition & { message: string })[]
  /** Returns the position of the value at a path; of its nearest parent where there is no value. */
  at: (path: Path) => SourcePosition
  /** Returns the position of a key of the map at a path. */
  atKey: (path: Path, key: string) => SourcePosition
}

/** Maximum number of YAML aliases that a file may expand: enough for people, too few for a "billion laughs" attack. */
const maxAliases = 50

/** Parses YAML 1.2 (where `on` is a string, not a boolean) and records the positions of values. Never throws. */
export function readYaml(text: string): Source {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, version: '1.2', uniqueKeys: true })
  const place = (offset: number): SourcePosition => {
    const { line, col } = counter.linePos(offset)
    return { line, column: col }
  }
  const mistakes = document.errors.map((error) => ({
    ...place(error.pos[0]),
    message: error.message.split('\n')[0] ?? '',
  }))
  let value: unknown
  if (mistakes.length === 0) {
    try {
      value = document.toJS({ maxAliasCount: maxAliases })
    } catch (error) {
      mistakes.push({ line: 1, column: 1, message: errorMessage(error) })
    }
  }
  const at = (path: Path): SourcePosition => {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return place(node.range[0])
    }
    return { line: 1, column: 1 }
  }
  return {
    value,
    mistakes,
    at,
    atKey(path, key) {
      const map = path.length === 0 ? document.contents : document.getIn(path, true)
      const pair = isMap(map)
        ? map.items.find((each) => isScalar(each.key) && String(each.key.value) === key)
        : undefined
      return isScalar(pair?.key) && pair.key.range ? place(pair.key.range[0]) : at(path)
    },
  }
}
