import type { AuditRecord } from '#core/runs/audit-record'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { buttonsOf } from '#test/fakes/slack/shown'
import { useRegistry } from '#test/registry/use-registry'
import { type App, type AppOptions, openApp } from './app.ts'
import { auditRecordsAt } from './audit-log.ts'

export const write = 'shell -w --reason "disk full" node001 cat /host/x'
export const read = 'shell node001 dig example.com'

const policy = `
capabilitySets:
  probe: { tools: [dig], images: ['*:v2'] }
  host-write:
    tools: ['*']
    host: { filesystem: read-write }
    effect: write
    images: ['*:v2']
    approval: { from: [bob@example.com], window: 30m }
grants: [{ to: [alice@example.com], sets: [probe, host-write], on: [{ nodes: '*' }] }]`

/** Returns the beginning of a digest, as messages show it. */
export const short = (digest: string) => `${digest.slice(0, 19)}…`

export async function ask(flow: App, command = write): Promise<string> {
  await flow.people.command('U0ALICE', command)
  return buttonsOf(await flow.shows(/Needs approval: cat \/host\/x on node\/node001/))['approve'] ?? ''
}

/** Opens the whole program with an image in a registry of the test's own, in which the test may move tags. */
export function useImages() {
  const redis = useRedis()
  const { registry, credentials } = useRegistry()
  /** Returns the fields of `shell:` in the configuration, for the image of this test's registry. */
  const shell = (more = '') => `image: { repo: ${registry().host}/retina/shell, version: v1 }${more}`
  const image = (digest: string, tag = 'v1') => `${registry().host}/retina/shell:${tag}@${digest}`

  async function open(change: Partial<AppOptions> = {}) {
    await redis.empty()
    const cluster = fakeCluster('dev', { cat: () => [{ out: 'content\n' }], dig: () => [{ out: 'answer\n' }] })
    const parts = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, image: shell() }
    const options: AppOptions = { ...parts, ...change }
    return { ...(await openApp(options)), cluster, options }
  }

  async function records(what: AuditRecord['what']): Promise<AuditRecord['details'][]> {
    return (await auditRecordsAt(redis.url(), what)).map(({ details }) => details)
  }

  return { registry, credentials, shell, image, open, records }
}
