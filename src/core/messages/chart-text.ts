import type { Chart } from '#core/request/insight'

/** A chart in words, for people who don't see it. */
export function chartText({ title, unit, over, points }: Chart): string {
  const values = points.flatMap(({ y }) => (y === null ? [] : [y]))
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  const range = values.length === 0 ? 'no values' : `from ${short(least)} to ${short(most)} ${unit}`
  const missing = points.length - values.length
  const steps = over.endsWith('s') ? over : `${over}s`
  return `${title}, a line over ${points.length} ${steps}: ${range}${missing === 0 ? '' : `; ${missing} missing`}.`
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)))
}
