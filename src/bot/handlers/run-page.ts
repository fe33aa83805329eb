import type { FanOut } from '#core/fan-out/fan-out'
import { chartText } from '#core/messages/chart-text'
import type { Message } from '#core/messages/message'
import { renderMessage } from '#core/messages/render'
import { resultMessage } from '#core/messages/result-message'
import { noPages, type PageGrant, type RunPage } from '#core/messages/run-page'
import type { StoredOutput } from '#core/output/transcript-state'
import { verified } from '#core/ports/store'
import type { Chart } from '#core/request/insight'
import type { AuditRecord } from '#core/runs/audit-record'
import { type HeatTable, heatTable, heatTableText } from '#core/triage/heat-table'
import { resultsOf } from '#core/triage/triage-message'
import { sizeText } from '#core/util/units'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext } from '#src/bot/context'
import { runChanged } from '#src/bot/runs/access'
import { mayReadTimelines, noAccess, timelinePage } from '#src/bot/timeline/timeline-web-page'
import { canViewTriage, checksOnPage, outputsText } from '#src/bot/triage/triage-page'
import { loadSummary, readOutcomes } from '#src/lifecycle/fan-out-outcomes'
import { raiseAlarm } from '#src/lifecycle/report-tampering'
import { currentPerson } from '#src/lifecycle/revalidate'
import { loadVerifiedOutput, loadWholeOutput } from '#src/lifecycle/verify-output'
import { canViewOutput } from './show-output.ts'

/** Maximum output that is sent to a browser at once. */
const maxPageBytes = 8_000_000

/** Returns a link to a run's page that only the person who asks for it can use. */
export async function linkTo(
  context: Pick<BotContext, 'pages' | 'store' | 'playbooks'>,
  ctx: CommandContext,
  id: string,
): Promise<Message> {
  const { person, inbound } = ctx
  const typed = ctx.typed.text
  if (context.pages === undefined) return { kind: 'refused', typed, message: noPages }
  const run = await context.store.run(id)
  const triage = run === undefined ? await context.store.getValue('fan-out', id) : undefined
  if (run === 'broken' || triage === 'broken') return runChanged(typed, id)
  const mayView =
    triage?.triage === undefined
      ? run?.end !== undefined && canViewOutput(person, run, inbound.thread)
      : canViewTriage(person, triage, inbound.thread)
  if (!mayView) return { kind: 'refused', typed, message: `You have no finished run ${id}. \`runs\` lists yours.` }
  const { account, thread } = inbound
  const link = await context.pages.link({ run: id, by: { id: person.id, name: person.name }, account, thread })
  return { kind: 'link', run: id, who: person.name, link }
}

type PageContext = BotContext & {
  picture: (chart: Chart) => Promise<Uint8Array>
  heatTable: (table: HeatTable) => Promise<Uint8Array>
  /** Returns the audit records of runs, in order. */
  trail: (runs: ReadonlySet<string>) => Promise<readonly AuditRecord[]>
}

/** Maximum number of audit records on a page. */
const maxTrail = 1_000

/** Returns the page of a triage: all of its checks, their outputs and the table. */
async function triagePage(context: PageContext, fanOut: FanOut): Promise<RunPage> {
  const outcomes = await readOutcomes(context.store, fanOut.id)
  const playbooks = context.playbooks()
  const { checks, changed } = await checksOnPage(context, fanOut, outcomes)
  for (const run of changed) await raiseAlarm(context, run, fanOut.by.id, 'the stored output was changed')
  const table = heatTable(fanOut.where, resultsOf(fanOut, outcomes), playbooks)
  const png = table === undefined ? undefined : Buffer.from(await context.heatTable(table)).toString('base64')
  const trail = await context.trail(new Set([fanOut.id, ...fanOut.members.map(({ run }) => run)]))
  return {
    words: renderMessage((await loadSummary(context, fanOut, outcomes)).summary),
    output: outputsText(checks),
    checks,
    ...(table === undefined || png === undefined ? {} : { chart: { png, alt: heatTableText(table) } }),
    trail: trail.slice(0, maxTrail).map(toTrailRow),
  }
}

/** Creates the function that loads the page behind a link; the person is authorized again each time it is opened. */
export function runPage(context: PageContext) {
  return async (visit: PageGrant): Promise<RunPage | { refused: string }> => {
    const person = await currentPerson(context, { id: visit.by.id, account: visit.account })
    if ('refused' in person) return { refused: person.refused }
    if (visit.timelineSince !== undefined) {
      if (!mayReadTimelines(context, person)) return { refused: noAccess }
      return timelinePage(context, visit, visit.timelineSince)
    }
    const run = verified(await context.store.run(visit.run))
    const fanOut = run === undefined ? verified(await context.store.getValue('fan-out', visit.run)) : undefined
    if (fanOut?.triage !== undefined && canViewTriage(person, fanOut, visit.thread)) return triagePage(context, fanOut)
    if (run?.end === undefined || !canViewOutput(person, run, visit.thread)) {
      return { refused: 'This run no longer exists.' }
    }
    const stored = await loadVerifiedOutput(context.store, run)
    const { text, changed: isOther } = await loadWholeOutput(context.store, run, maxPageBytes)
    const output = text ?? formatOutputEnds(stored, run.id)
    const changed = stored.changed || isOther
    if (changed) await raiseAlarm(context, run.id, run.request.by.id, 'the stored output was changed')
    const notice = resultMessage(run, run.end, { ...stored, changed }, 0, context.catalogue)
    const chart = notice.insight?.chart
    const png = chart === undefined ? undefined : Buffer.from(await context.picture(chart)).toString('base64')
    return {
      words: renderMessage(notice),
      output,
      ...(chart === undefined || png === undefined ? {} : { chart: { png, alt: chartText(chart) } }),
      trail: (await context.trail(new Set([run.id]))).map(toTrailRow),
    }
  }
}

function formatOutputEnds({ head, tail, size }: StoredOutput, id: string): string {
  return `${head}\n… (middle left out: the whole output is ${sizeText(size)}; \`output ${id}\` shows it page by page) …\n\n${tail}`
}

function toTrailRow({ at, what, person, details }: AuditRecord): RunPage['trail'][number] {
  const shown = Object.entries(details).map(([name, value]) => `${name} ${value}`)
  return { at, what, person, details: shown.join(' · ') }
}
