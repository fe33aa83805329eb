import { isLabelName, isObjectName } from '#core/request/target'
import type { ParseError, TypedTarget } from './command.ts'
import type { FlagValues } from './flags.ts'
import { corrected, isParseError, parseError, quoted } from './misunderstood.ts'
import type { Token } from './token.ts'

const kinds: ReadonlyMap<string, 'node' | 'pod'> = new Map([
  ['node', 'node'],
  ['nodes', 'node'],
  ['no', 'node'],
  ['pod', 'pod'],
  ['pods', 'pod'],
  ['po', 'pod'],
])

/** Returns the kind of target that a word names, also in plural or short form: `pods` and `po` are `pod`. */
export function kindOf(word: string): 'node' | 'pod' | undefined {
  return kinds.get(word.toLowerCase())
}

export const isKind = (word: string): boolean => kindOf(word) !== undefined

const nameRules = 'use lower-case letters, digits, "-" and "."'

/** Returns the target that the word at index `at` and the flags name together. */
export function toTarget(
  tokens: readonly Token[],
  at: number,
  word: string,
  values: FlagValues,
): TypedTarget | ParseError {
  const slash = word.indexOf('/')
  const [prefix, name] = slash === -1 ? ['node', word] : [word.slice(0, slash), word.slice(slash + 1)]
  const kind = kindOf(prefix)
  const namespace = values.get('namespace')?.at(-1)
  const container = values.get('container')?.at(-1)
  const cluster = values.get('context')?.at(-1)
  if (kind === undefined) {
    return parseError(
      'unknown-kind',
      `A target is a node or a pod, such as node001 or pod/web-1; ${quoted(word)} is neither.`,
    )
  }
  const problem =
    badName(tokens, at, word, kind, name) ?? badPart('namespace', namespace) ?? badPart('container', container)
  if (problem !== undefined) return problem
  const clusterPart = cluster === undefined ? {} : { cluster }
  if (kind === 'pod') {
    const containerPart = container === undefined ? {} : { container }
    return { kind, ...clusterPart, namespace: namespace ?? 'default', name, ...containerPart }
  }
  const misplaced = refusePodFlags(tokens, at, word, slash, { namespace, container })
  return isParseError(misplaced) ? misplaced : { kind, ...clusterPart, name }
}

function badName(
  tokens: readonly Token[],
  at: number,
  word: string,
  kind: string,
  name: string,
): ParseError | undefined {
  if (isObjectName(name)) return undefined
  const suggestion = isObjectName(name.toLowerCase()) ? corrected(tokens, at, word.toLowerCase()) : undefined
  return parseError('bad-name', `${quoted(name)} is not a valid ${kind} name: ${nameRules}.`, suggestion)
}

export function badPart(part: string, name: string | undefined): ParseError | undefined {
  if (name === undefined || isLabelName(name)) return undefined
  return parseError('bad-name', `${quoted(name)} is not a valid ${part} name.`)
}

function refusePodFlags(
  tokens: readonly Token[],
  at: number,
  word: string,
  slash: number,
  given: { namespace: string | undefined; container: string | undefined },
): ParseError | undefined {
  const flag = given.namespace !== undefined ? '-n' : given.container !== undefined ? '--container' : undefined
  if (flag === undefined) return undefined
  const asPod = slash === -1 ? corrected(tokens, at, `pod/${word}`) : undefined
  return parseError(
    'conflict',
    `${flag} is for pods, but ${quoted(word)} names a node. Write a pod as pod/NAME.`,
    asPod,
  )
}
