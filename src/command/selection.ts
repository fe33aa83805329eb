import { parseLabels } from '#core/request/selector'
import type { FanOutCommand, ParseError } from './command.ts'
import type { FlagValues } from './flags.ts'
import { parseError, quoted } from './misunderstood.ts'
import { badPart, kindOf } from './target.ts'

type Selection = Pick<FanOutCommand, 'from' | 'labels' | 'targets'>

/** Maximum length of a selector, in characters. */
const maxSelectorLength = 1_000

/**
 * Returns what `-l SELECTOR` and the other flags select together. Without a kind (`word`) before the tool, these are
 * pods where a namespace is given, else nodes.
 */
export function toSelection(values: FlagValues, word: string | undefined): Selection | ParseError {
  const namespace = values.get('namespace')?.at(-1)
  const container = values.get('container')?.at(-1)
  const kind = word === undefined ? (namespace === undefined ? 'node' : 'pod') : kindOf(word)
  if (kind === undefined) {
    const message = `-l stands in place of one target; ${quoted(word ?? '')} names another. Give one of the two.`
    return parseError('conflict', message)
  }
  const selectors = values.get('selector') ?? []
  const [text = ''] = selectors
  if (selectors.length > 1) {
    return parseError('conflict', 'Give one selector: several labels stand in it with commas, as -l pool=web,tier!=db.')
  }
  const parsed = text.length > maxSelectorLength ? { mistake: 'A selector that long is not read' } : parseLabels(text)
  if ('mistake' in parsed) {
    return parseError('bad-selector', `${parsed.mistake}. A selector reads as -l pool=web or -l 'zone in (a, b)'.`)
  }
  const problem = badPart('namespace', namespace) ?? badPart('container', container)
  if (problem !== undefined) return problem
  const targets = values.get('targets')?.at(-1)
  if (targets !== undefined && !/^[1-9]\d{0,5}$/.test(targets)) {
    return parseError('bad-value', `--targets is how many the selector shall match; ${quoted(targets)} is no number.`)
  }
  const count = targets === undefined ? {} : { targets: Number(targets) }
  const cluster = values.get('context')?.at(-1)
  const clusterPart = cluster === undefined ? {} : { cluster }
  if (kind === 'node') {
    const flag = namespace !== undefined ? '-n' : container !== undefined ? '--container' : undefined
    if (flag !== undefined) return parseError('conflict', `${flag} goes with pods, and nodes were named.`)
    return { from: { kind, ...clusterPart }, labels: parsed.labels, ...count }
  }
  const containerPart = container === undefined ? {} : { container }
  return {
    from: { kind, ...clusterPart, namespace: namespace ?? 'default', ...containerPart },
    labels: parsed.labels,
    ...count,
  }
}
