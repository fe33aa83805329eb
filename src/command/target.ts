import { ownerKindOf, ownerWords } from '#core/request/owner'
import { isLabelName, isObjectName } from '#core/request/target'
import { defined } from '#core/util/defined'
import type { FlagValues } from './flags.ts'
import { corrected, nearest, parseError, quoted } from './misunderstood.ts'
import type { ParseError, TypedOwner, TypedTarget } from './parsed-shell-command.ts'
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

/** Words for kinds that are long enough for a misspelling to be recognised. */
const longKinds = [...kinds.keys(), ...ownerWords].filter((word) => word.length > 3)

/** Returns the target that the word at index `at` and the flags name together. */
export function toTarget(
  tokens: readonly Token[],
  at: number,
  word: string,
  values: FlagValues,
): TypedTarget | TypedOwner | ParseError {
  const slash = word.indexOf('/')
  const [prefix, name] = slash === -1 ? ['node', word] : [word.slice(0, slash), word.slice(slash + 1)]
  const [kind, ownerKind] = [kindOf(prefix), ownerKindOf(prefix)]
  const given = namesIn(values)
  const problem = badPart('namespace', given.namespace) ?? badPart('container', given.container)
  if (problem !== undefined) return problem
  if (kind === undefined && ownerKind === undefined) return toPodInNamespace(tokens, at, word, given)
  const invalid = badName(tokens, at, word, kind ?? prefix, name)
  if (invalid !== undefined) return invalid
  const { namespace = 'default', ...place } = given
  if (ownerKind !== undefined) return { kind: 'owner', namespace, owner: { kind: ownerKind, name }, ...place }
  if (kind === 'pod') return { kind, namespace, name, ...place }
  const misplaced = refusePodFlags(tokens, at, word, slash, given)
  if (misplaced !== undefined) return misplaced
  return { kind: 'node', name, ...defined({ cluster: given.cluster }) }
}

/** Names that flags give; those that aren't given are absent. */
type Names = { namespace?: string; container?: string; cluster?: string }

function namesIn(values: FlagValues): Names {
  const [namespace, container, cluster] = ['namespace', 'container', 'context'].map((name) => values.get(name)?.at(-1))
  return {
    ...defined({ namespace, container, cluster }),
  }
}

/** Returns the pod that `NAMESPACE/POD` names. */
function toPodInNamespace(
  tokens: readonly Token[],
  at: number,
  word: string,
  { namespace: flag, ...place }: Names,
): TypedTarget | ParseError {
  const [namespace = '', name = '', ...more] = word.split('/')
  const similar = nearest(namespace, longKinds)
  if (more.length > 0 || !isLabelName(namespace) || !isObjectName(name) || similar !== undefined) {
    const suggestion = similar === undefined ? undefined : corrected(tokens, at, `${similar}/${name}`)
    const message = `A target is a node, a pod, or what owns pods: node001, pod/web-1, NAMESPACE/POD, deploy/web; ${quoted(word)} is none of them.`
    return parseError('unknown-kind', message, suggestion)
  }
  if (flag === undefined || flag === namespace) return { kind: 'pod', namespace, name, ...place }
  const message = `${quoted(word)} names the namespace ${namespace}, but -n another one. Use one of them.`
  return parseError('conflict', message, corrected(tokens, at, `pod/${name}`))
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
  given: Names,
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
