/** A part of a triage that some sets cover. */
export type Covered = { sets: readonly string[] }

/**
 * Groups what is covered by sets, so that as few groups as possible come out: the set that covers most goes first. What no
 * set covers is in no group. A group runs in a container of its one set; rights of two sets are never put together.
 */
export function groupBySet<T extends Covered>(all: readonly T[]): readonly { set: string; members: readonly T[] }[] {
  const groups: { set: string; members: readonly T[] }[] = []
  let rest = all.filter(({ sets }) => sets.length > 0)
  while (rest.length > 0) {
    const counts = new Map<string, number>()
    for (const { sets } of rest) for (const set of sets) counts.set(set, (counts.get(set) ?? 0) + 1)
    const [best] = [...counts].toSorted(([, one], [, other]) => other - one)
    if (best === undefined) break
    const [set] = best
    groups.push({ set, members: rest.filter(({ sets }) => sets.includes(set)) })
    rest = rest.filter(({ sets }) => !sets.includes(set))
  }
  return groups
}
