import { parseLabels } from '#core/request/selector'
import { defined } from '#core/util/defined'
import type { FlagValues } from './flags.ts'
import { isParseError, parseError, quoted } from './misunderstood.ts'
import type { FanOutCommand, ParseError } from './parsed-shell-command.ts'
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
    const message = `-l replaces the target, but ${quoted(word ?? '')} names one too. Use one or the other.`
    return parseError('conflict', message)
  }
  const selectors = values.get('selector') ?? []
  const [text = ''] = selectors
  if (selectors.length > 1) {
    return parseError('conflict', 'Give one selector, with commas between its labels, such as -l pool=web,tier!=db.')
  }
  const parsed = text.length > maxSelectorLength ? { mistake: 'The selector is too long' } : parseLabels(text)
  if ('mistake' in parsed) {
    return parseError('bad-selector', `${parsed.mistake}. Write it as -l pool=web or -l 'zone in (a, b)'.`)
  }
  const problem = badPart('namespace', namespace) ?? badPart('container', container)
  if (problem !== undefined) return problem
  const count = toTargetCount(values)
  if (isParseError(count)) return count
  const cluster = values.get('context')?.at(-1)
  const clusterPart = defined({ cluster })
  if (kind === 'node') {
    const flag = namespace !== undefined ? '-n' : container !== undefined ? '--container' : undefined
    if (flag !== undefined) return parseError('conflict', `${flag} is for pods, but you named nodes.`)
    return { from: { kind, ...clusterPart }, labels: parsed.labels, ...count }
  }
  const containerPart = defined({ container })
  return {
    from: { kind, ...clusterPart, namespace: namespace ?? 'default', ...containerPart },
    labels: parsed.labels,
    ...count,
  }
}

/** Returns the number of targets that the person expects, where `--targets` says it. */
export function toTargetCount(values: FlagValues): { targets?: number } | ParseError {
  const targets = values.get('targets')?.at(-1)
  if (targets === undefined) return {}
  if (/^[1-9]\d{0,5}$/.test(targets)) return { targets: Number(targets) }
  return parseError(
    'bad-value',
    `--targets is the number of targets that you expect; ${quoted(targets)} is not a number.`,
  )
}
