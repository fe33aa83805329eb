import { type CheckResult, isIll, type TargetResults } from './check-result.ts'
import { numberText } from './measures.ts'
import { findCheck, type Playbooks } from './playbook.ts'

/** Minimum number of targets that are compared with each other. */
const minTargets = 5
/** Share of the targets that has to have a value for it to be the majority's. */
const majorityShare = 0.6
/** Number of deviations from the median beyond which a number is an outlier. */
const maxDeviations = 3.5
/** Factors by which the median and the mean absolute deviation estimate the standard deviation. Source: Iglewicz and Hoaglin, 1993. */
const ofMedian = 1.4826
const ofMean = 1.2533

/** Adds warnings to the results of targets that differ from the others, for checks that compare. */
export function compareTargets(all: readonly TargetResults[], playbooks: Playbooks): readonly TargetResults[] {
  if (all.length < minTargets) return all
  const differing = new Map<CheckResult, string>()
  const compared = all.flatMap(({ results }) =>
    results.filter(({ value, status }) => value !== undefined && !isIll({ status })),
  )
  for (const group of Map.groupBy(compared, ({ playbook, check, each }) => `${playbook}/${check}/${each}`).values()) {
    const [first] = group
    const check = first === undefined ? undefined : findCheck(playbooks, first.playbook, first.check)
    if (check?.compare === undefined || group.length < minTargets) continue
    const deviants = check.compare === 'majority' ? findMinority(group) : findOutliers(group)
    for (const [result, usual] of deviants)
      differing.set(result, `${check.title}: ${text(result.value)}, unlike the others (${usual})`)
  }
  return all.map(({ target, results }) => ({
    target,
    results: results.map((result) => {
      const said = differing.get(result)
      return said === undefined ? result : { ...result, status: 'warn', said }
    }),
  }))
}

const text = (value: CheckResult['value']) => (typeof value === 'number' ? numberText(value) : (value ?? ''))

type Deviants = readonly (readonly [CheckResult, string])[]

function findMinority(group: readonly CheckResult[]): Deviants {
  const byValue = [...Map.groupBy(group, ({ value }) => text(value))].sort(
    (one, other) => other[1].length - one[1].length,
  )
  const [usual] = byValue
  if (usual === undefined || usual[1].length / group.length < majorityShare) return []
  return byValue.slice(1).flatMap(([, results]) => results.map((result) => [result, usual[0]] as const))
}

function findOutliers(group: readonly CheckResult[]): Deviants {
  const numbers = group.flatMap((result) =>
    typeof result.value === 'number' ? [{ result, number: result.value }] : [],
  )
  if (numbers.length < minTargets) return []
  const middle = median(numbers.map(({ number }) => number))
  const distances = numbers.map(({ number }) => Math.abs(number - middle))
  const mean = distances.reduce((sum, distance) => sum + distance, 0) / distances.length
  // Where more than half are equal, the median of the distances is 0, and their mean is used.
  const deviation = ofMedian * median(distances) || ofMean * mean
  if (deviation === 0) return []
  return numbers
    .filter(({ number }) => Math.abs(number - middle) / deviation > maxDeviations)
    .map(({ result }) => [result, numberText(middle)] as const)
}

/** Returns the median of numbers; 0 for none. */
function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other)
  const half = sorted.length / 2
  const [low = 0, high = low] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]]
  return (low + high) / 2
}
