import type { Chart } from '#core/request/insight'

/** Returns a text alternative of a chart, for people who can't see the image. */
export function chartText({ title, unit, over, points }: Chart): string {
  const values = points.flatMap(({ y }) => (y === null ? [] : [y]))
  const [least, most] = values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  )
  const range = values.length === 0 ? 'no values' : `from ${formatNumber(least)} to ${formatNumber(most)} ${unit}`
  const missing = points.length - values.length
  const unitPlural = over.endsWith('s') ? over : `${over}s`
  return `${title}, a line over ${points.length} ${unitPlural}: ${range}${missing === 0 ? '' : `; ${missing} missing`}.`
}

function formatNumber(value: number): string {
  return String(Number(value.toPrecision(3)))
}
