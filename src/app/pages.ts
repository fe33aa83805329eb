import type { Log } from '#core/ports/log'
import type { AuditRecord } from '#core/runs/audit-record'
import { confirmationWords, onConfirmed } from '#src/bot/approvals/passkey-confirmation'
import type { House } from '#src/bot/context'
import { runPage } from '#src/bot/handlers/run-page'
import { chartPng } from '#src/charts/png'
import type { Config } from '#src/config/load'
import { mountConfirm } from '#src/web/passkeys/routes'
import { mountRunPages } from '#src/web/run-page/routes'
import type { HttpServer } from './http.ts'
import type { Parts } from './infrastructure.ts'

type Whole = Parts & { config: Config; mount: HttpServer['mount']; log: Log }

/** The pages that browsers reach: where a passkey confirms, and those of runs. */
export function openPages(whole: Whole, house: House): void {
  openConfirm(whole, house)
  openRunPages(whole, house)
}

/** The pages on which people confirm with a passkey. */
function openConfirm({ config, passkeys, mount, log }: Whole, house: House): void {
  if (config.confirm === undefined || passkeys === undefined) return
  const url = new URL(config.confirm.url)
  mountConfirm({ passkeys, url, mount, log, words: confirmationWords(house), done: onConfirmed(house) })
}

function openRunPages({ config, pages, mount, log, audit }: Whole, house: House): void {
  if (config.pages === undefined || pages === undefined) return
  const trail = async (run: string) => {
    const records: AuditRecord[] = []
    for await (const { record } of audit.read()) if (record.run === run) records.push(record)
    return records
  }
  const page = runPage({ ...house, picture: chartPng, trail })
  mountRunPages({ links: pages, url: new URL(config.pages.url), mount, log, page })
}
