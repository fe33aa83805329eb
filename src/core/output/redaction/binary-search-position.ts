/** Returns the index of the last place that begins at or before a position; -1 where none does. `places` are in order. */
export function lastBefore(places: readonly { at: number }[], position: number): number {
  let low = 0
  let high = places.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((places[middle]?.at ?? 0) <= position) low = middle + 1
    else high = middle
  }
  return low - 1
}
