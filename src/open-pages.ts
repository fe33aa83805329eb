import { confirmationWords, onConfirmed } from './bot/confirm.ts'
import type { House } from './bot/house.ts'
import { runPage } from './bot/run-page.ts'
import { chartPng } from './chart/png.ts'
import type { Config } from './config.ts'
import { mountConfirm } from './confirm/routes.ts'
import type { AuditRecord } from './core/audit.ts'
import type { Log } from './core/ports.ts'
import type { HttpServer } from './http.ts'
import { mountRunPages } from './pages/routes.ts'
import type { Parts } from './parts.ts'

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
