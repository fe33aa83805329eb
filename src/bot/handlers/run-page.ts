import { chartWords } from '#core/messages/chart-text'
import type { Notice } from '#core/messages/message'
import { wordsOf } from '#core/messages/render'
import { endedNotice } from '#core/messages/result-message'
import type { RunPage, Visit } from '#core/messages/run-page'
import type { StoredOutput } from '#core/output/stored-output'
import type { Chart } from '#core/request/insight'
import type { AuditRecord } from '#core/runs/audit-record'
import { sizeText } from '#core/util/units'
import type { Conversation } from '#src/bot/command-context'
import type { House } from '#src/bot/context'
import { freshPerson } from '#src/lifecycle/revalidate'
import { maySee } from './show-output.ts'

const noPages = 'This bot has no pages: its owner has not said in retina.yaml where browsers reach it (pages).'

/** Bytes of output that a browser is sent at once. */
const pageBytes = 8_000_000

/** A link to a run's page, for who asks and nobody else. */
export async function linkTo(house: House, talk: Conversation, id: string): Promise<Notice> {
  const { person, inbound } = talk
  const typed = inbound.text
  if (house.pages === undefined) return { kind: 'refused', typed, message: noPages }
  const run = await house.store.run(id)
  if (run?.end === undefined || !maySee(person, run, inbound.thread)) {
    return { kind: 'refused', typed, message: `You have no run ${id} that has ended. \`runs\` lists yours.` }
  }
  const { account, thread } = inbound
  const link = await house.pages.link({ run: id, by: { id: person.id, name: person.name }, account, thread })
  return { kind: 'link', run: id, who: person.name, link }
}

/** What the page behind a link shows; judged anew each time it is opened. */
export function runPage(
  house: House & {
    picture: (chart: Chart) => Promise<Uint8Array>
    trail: (run: string) => Promise<readonly AuditRecord[]>
  },
) {
  return async (visit: Visit): Promise<RunPage | { refused: string }> => {
    const person = await freshPerson(house, { id: visit.by.id, account: visit.account })
    if ('refused' in person) return { refused: person.refused }
    const run = await house.store.run(visit.run)
    if (run?.end === undefined || house.isBroken(run) || !maySee(person, run, visit.thread)) {
      return { refused: 'There is no such run any more.' }
    }
    const stored = await house.store.storedOutput(run.id)
    const output = (await house.store.transcript(run.id, pageBytes)) ?? partsOf(stored, run.id)
    const notice = endedNotice(run, run.end, stored, 0, house.catalogue)
    const chart = notice.insight?.chart
    const png = chart === undefined ? undefined : Buffer.from(await house.picture(chart)).toString('base64')
    return {
      words: wordsOf(notice),
      output,
      ...(chart === undefined || png === undefined ? {} : { chart: { png, alt: chartWords(chart) } }),
      trail: (await house.trail(run.id)).map(trailRow),
    }
  }
}

function partsOf({ head, tail, size }: StoredOutput, id: string): string {
  return `${head}\n… (its middle is left out: all of it is ${sizeText(size)}; \`output ${id}\` has it in pages) …\n\n${tail}`
}

function trailRow({ at, what, person, details }: AuditRecord): RunPage['trail'][number] {
  const shown = Object.entries(details).map(([name, value]) => `${name} ${value}`)
  return { at, what, person, details: shown.join(' · ') }
}
