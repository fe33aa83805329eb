import type { Log } from '#core/ports/log'
import type { AuditRecord } from '#core/runs/audit-record'
import { confirmationText, handleConfirmed } from '#src/bot/approvals/passkey-confirmation'
import type { BotContext } from '#src/bot/context'
import { runPage } from '#src/bot/handlers/run-page'
import { heatTablePng } from '#src/charts/heat-table-png'
import { chartPng } from '#src/charts/line-chart-png'
import type { Config } from '#src/config/load'
import type { Mount } from '#src/http/server'
import { mountPasskeyPages } from '#src/web/passkeys/routes'
import { mountRunPages } from '#src/web/run-page/routes'
import type { Infrastructure } from './infrastructure.ts'

type PageContext = Infrastructure & { config: Config; mount: Mount; log: Log }

/** Mounts the pages that browsers reach: passkey confirmation and run pages. */
export function mountPages(shared: PageContext, context: BotContext): void {
  openConfirm(shared, context)
  openRunPages(shared, context)
}

/** Mounts the pages on which people confirm with a passkey. */
function openConfirm({ config, passkeys, mount, log }: PageContext, context: BotContext): void {
  if (config.confirm === undefined || passkeys === undefined) return
  const url = new URL(config.confirm.url)
  mountPasskeyPages({ passkeys, url, mount, log, words: confirmationText(context), done: handleConfirmed(context) })
}

function openRunPages({ config, pages, mount, log, audit }: PageContext, context: BotContext): void {
  if (config.pages === undefined || pages === undefined) return
  const trail = async (runs: ReadonlySet<string>) => {
    const records: AuditRecord[] = []
    for await (const { record } of audit.read()) if (runs.has(record.run)) records.push(record)
    return records
  }
  const page = runPage({ ...context, picture: chartPng, heatTable: heatTablePng, trail })
  mountRunPages({ links: pages, url: new URL(config.pages.url), mount, log, page })
}
