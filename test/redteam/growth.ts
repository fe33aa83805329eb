import { processorTime } from '#test/samples/processor-time'

/** How the processor time of a function grew with its input; times in microseconds. */
export type Growth = { length: number; short: number; long: number; ratio: number }

/** Longer input, as a multiple of the shorter one: linear work takes 8 times as long, quadratic work 64 times. */
const step = 8
/** Growth from which work counts as more than linear. */
const maxRatio = 24
/** Microseconds that a measurement takes at least; shorter work is repeated. */
const minMeasured = 1_500
/**
 * Microseconds of one call with the longer input under which growth is not judged: caches, compilation and the allocation of large texts decide
 * there. Work that grows faster than its input is far above at such lengths.
 */
const minJudged = { typed: 1_500, large: 4_000 }
const repetitions = 5
/** Measurements of what looks too fast; the slowest growth counts, since a collection of garbage may fall into one of them. */
const attempts = 2

/** Returns the processor time of one call in microseconds. */
function timeOf(work: () => void): number {
  for (let calls = 1; ; calls *= 4) {
    const time = processorTime(() => {
      for (let call = 0; call < calls; call += 1) work()
    })
    if (time >= minMeasured || calls >= 256) return time / calls
  }
}

/**
 * Calls a function with input of growing length, up to `maxLength`, and returns the growth where it is more than linear: processor time, the minimum
 * of five. Ends at the first length that shows it, so that bad functions don't take forever either. Throws what the function throws.
 */
export function tooFastGrowth(
  run: (length: number) => () => void,
  lengths: { from: number; to: number },
): Growth | undefined {
  for (let length = lengths.from; length * step <= lengths.to; length *= 4) {
    const [short, long] = [run(length), run(length * step)]
    const judged = length * step < 10_000 ? minJudged.typed : minJudged.large
    // Most work is so quick that one look at the clock shows it; a busy machine only makes it seem slower.
    const begin = performance.now()
    long()
    if ((performance.now() - begin) * 1_000 < judged || timeOf(long) / timeOf(short) < maxRatio / 2) continue
    const growths = Array.from({ length: attempts }, () => growthOf(short, long, length))
    const [least] = growths.toSorted((a, b) => a.ratio - b.ratio)
    if (least !== undefined && least.long >= judged && least.ratio >= maxRatio) return least
  }
  return undefined
}

function growthOf(short: () => void, long: () => void, length: number): Growth {
  const least = (work: () => void) => Math.min(...Array.from({ length: repetitions }, () => timeOf(work)))
  const [shortTime, longTime] = [least(short), least(long)]
  return { length, short: shortTime, long: longTime, ratio: longTime / shortTime }
}
