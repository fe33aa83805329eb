import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { installPackages } from '#dev/machine/debian'
import { freePort } from '#dev/machine/free-port'
import { startWebProgram } from './web-program.ts'

export type Alertmanager = {
  /** Posts alerts as Prometheus does, with their labels and annotations. */
  fire: (alerts: readonly { labels: Record<string, string>; endsAt?: string }[]) => Promise<void>
  version: string
  stop: () => Promise<void>
}

/** Starts Debian's Alertmanager on loopback, with one receiver: a webhook with a bearer secret. */
export async function startAlertmanager({ url, secret }: { url: string; secret: string }): Promise<Alertmanager> {
  await installPackages(['prometheus-alertmanager'])
  const folder = mkdtempSync(join(tmpdir(), 'retina-alertmanager-'))
  const config = `route: { receiver: retina, group_by: [alertname], group_wait: 100ms, group_interval: 200ms, repeat_interval: 1h }
receivers:
  - name: retina
    webhook_configs:
      - { url: '${url}', http_config: { authorization: { credentials: '${secret}' } } }
`
  writeFileSync(join(folder, 'alertmanager.yml'), config)
  const port = await freePort()
  const { base, stop } = await startWebProgram('prometheus-alertmanager', port, [
    `--config.file=${join(folder, 'alertmanager.yml')}`,
    `--storage.path=${join(folder, 'data')}`,
    '--cluster.listen-address=',
  ])
  const status = (await (await fetch(`${base}/api/v2/status`)).json()) as { versionInfo: { version: string } }
  return {
    version: status.versionInfo.version,
    async fire(alerts) {
      const body = alerts.map(({ labels, endsAt }) => ({
        labels,
        annotations: { summary: 'Seen by a real Alertmanager.' },
        startsAt: '2026-11-28T12:00:00.000Z',
        ...(endsAt === undefined ? {} : { endsAt }),
      }))
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${base}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(`Alertmanager: ${answer.status} ${await answer.text()}`)
    },
    async stop() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
