import type { Measure } from '#test/bench/measure'

/** A goal, and what came of it. `result`: as text, with its unit. */
export type Goal = { what: string; goal: string; result: string; isMet: boolean }

/** Results of one measure that has goals. */
export type GoalResult = { measures?: readonly Measure[]; goals: readonly Goal[]; notes?: readonly string[] }

/** Returns a goal that is an upper limit. `digits`: behind the point. */
export function atMost(what: string, value: number, limit: number, unit: string, digits = 1): Goal {
  const text = (number: number, fraction: number) => `${number.toFixed(fraction)}${unit === '' ? '' : ` ${unit}`}`
  const ofLimit = Number.isInteger(limit) ? 0 : 1
  return { what, goal: `≤ ${text(limit, ofLimit)}`, result: text(value, digits), isMet: value <= limit }
}
