/** Range of user ids, of which each container gets one that it shares with no other. */
export type UidRange = { first: number; size: number }

/**
 * Upper half of the ids that Kubernetes accepts: distributions, images and systemd give ids below it, so that a
 * container that begins there has the id of no other process.
 */
export const defaultUidRange: UidRange = { first: 2 ** 30, size: 2 ** 30 }

/** Maximum of a user id in Kubernetes. Source: its `validation.IsValidUserID`. */
const maxUid = 2 ** 31 - 1

/** Ids below are given to people, system services and images' users; 65,534 is `nobody`, 65,532 distroless' `nonroot`. */
const minUid = 2 ** 16

/** Number of ids below which two containers on a node would soon have the same one. */
const minSize = 1_000

/**
 * Parses `1000620000/10000` (first and number, as OpenShift annotates a project) or `1000620000-1000629999`. Returns a
 * mistake for any other text, and for a range that holds ids of other users.
 */
export function parseUidRange(text: string): UidRange | { mistake: string } {
  const [, first = '', sign, second = ''] = /^(\d{1,10})([/-])(\d{1,10})$/.exec(text.trim()) ?? []
  if (sign === undefined) return { mistake: `"${text}" is no range; write 1000620000/10000 or 1000620000-1000629999` }
  const range = {
    first: Number(first),
    size: sign === '/' ? Number(second) : Number(second) - Number(first) + 1,
  }
  const last = range.first + range.size - 1
  if (range.first < minUid) return { mistake: `ids below ${minUid} belong to other users` }
  if (last > maxUid) return { mistake: `${last} is no user id; the last one is ${maxUid}` }
  if (range.size < minSize) return { mistake: `${Math.max(0, range.size)} ids are too few; give at least ${minSize}` }
  return range
}
