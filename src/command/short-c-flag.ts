import { capabilityNames, toCapability } from '#core/request/capability'
import { ownerKindOf } from '#core/request/owner'
import { isLabelName } from '#core/request/target'
import type { FlagValues } from './flags.ts'
import { nearest } from './misunderstood.ts'
import { kindOf } from './target.ts'

/** Flags of `shell`, with what was made of them, for the reply. */
type Understood = { values: FlagValues; notes: readonly string[] }

/**
 * Understands `-c NAME` of a pod as `--container NAME`, as kubectl has it: `-c` is for capabilities here, so that a name
 * that is one, or nearly is, stays one.
 */
export function readContainerFlag(values: FlagValues, target: string | undefined): Understood {
  const [name = '', ...more] = values.get('capabilities') ?? []
  const isOfPods = target === undefined ? values.has('namespace') : isPodWord(target)
  const isContainer = more.length === 0 && isLabelName(name) && toCapability(name) === undefined
  if (!isOfPods || !isContainer || values.has('container') || isNearlyCapability(name)) return { values, notes: [] }
  const others = [...values].filter(([flag]) => flag !== 'capabilities')
  const note = `-c ${name}: the container (capabilities are written as -c NET_ADMIN)`
  return { values: new Map([...others, ['container', [name]]]), notes: [note] }
}

function isPodWord(word: string): boolean {
  const [prefix = '', name] = word.split('/')
  if (name === undefined) return kindOf(word) === 'pod'
  return kindOf(prefix) !== 'node' || ownerKindOf(prefix) !== undefined
}

function isNearlyCapability(name: string): boolean {
  const names = capabilityNames.map((each) => each.toLowerCase())
  return nearest(name, [...names, ...names.map((each) => each.replaceAll('_', ''))]) !== undefined
}
