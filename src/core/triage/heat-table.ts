import { type CheckResult, isIll, type TargetResults } from './check-result.ts'
import { compareTargets } from './compare.ts'
import type { Playbooks } from './playbook.ts'
import { shortTarget, statusRanks, worstStatus } from './target-table.ts'

/** Table of checks by targets, to be drawn. */
export type HeatTable = {
  title: string
  /** Names of targets, or of groups of them. */
  columns: readonly string[]
  /** Checks that aren't good everywhere, the worst first; one cell for each column. */
  rows: readonly { check: string; cells: readonly CheckResult['status'][] }[]
}

/** Maximum numbers of columns, beyond which targets are grouped, and of rows. */
const maxColumns = 200
const maxRows = 40

/** Returns the table of a triage; undefined where nothing is worth drawing: one target, or everything is good. */
export function heatTable(title: string, all: readonly TargetResults[], playbooks: Playbooks): HeatTable | undefined {
  if (all.length < 2) return undefined
  const compared = compareTargets(all, playbooks)
  const groups = toGroups(compared)
  const checks = [...new Set(compared.flatMap(({ results }) => results.filter(isIll).map(({ check }) => check)))]
  if (checks.length === 0) return undefined
  const rows = checks.map((check) => ({ check, cells: groups.map(({ targets }) => worstOf(targets, check)) }))
  const weight = ({ cells }: (typeof rows)[number]) => cells.reduce((sum, cell) => sum + statusRanks[cell] ** 2, 0)
  return {
    title,
    columns: groups.map(({ name }) => name),
    rows: rows.toSorted((one, other) => weight(other) - weight(one)).slice(0, maxRows),
  }
}

function worstOf(targets: readonly TargetResults[], check: string): CheckResult['status'] {
  return worstStatus(
    targets.flatMap(({ results }) => results),
    check,
  )
}

/** Returns targets one by one, or in groups of neighbours where there are too many for columns. */
function toGroups(all: readonly TargetResults[]): { name: string; targets: readonly TargetResults[] }[] {
  const size = Math.ceil(all.length / maxColumns)
  return Array.from({ length: Math.ceil(all.length / size) }, (_none, at) => {
    const targets = all.slice(at * size, (at + 1) * size)
    const first = shortTarget(targets[0]?.target ?? '')
    return { name: targets.length === 1 ? first : `${first} +${targets.length - 1}`, targets }
  })
}

/** Returns a table in words, for those who don't see the picture. */
export function heatTableText({ columns, rows }: HeatTable): string {
  const parts = rows.slice(0, 5).map(({ check, cells }) => {
    const count = (status: CheckResult['status']) => cells.filter((cell) => cell === status).length
    return `${check}: ${count('fail')} failed, ${count('warn')} to watch`
  })
  return `${rows.length} checks on ${columns.length} targets. ${parts.join('; ')}`
}
