import type { AlertRules } from '#core/alerts/alert'
import { servicePrincipal } from '#core/alerts/service-principal'
import { grantedSets, validGrants } from '#core/policy/permissions-of-person'
import type { Policy } from '#core/policy/policy'
import { defined } from '#core/util/defined'
import type { Note } from '#src/yaml/positions'
import { nearest } from './did-you-mean.ts'
import type { File } from './schema.ts'

type Alerts = NonNullable<File['alerts']>

export function toAlertRules(alerts: Alerts | undefined): AlertRules {
  const { senders = {}, listen = [] } = alerts ?? {}
  const all = Object.entries(senders).map(([name, { cluster, ...rest }]) => [
    name,
    { ...rest, ...defined({ cluster }) },
  ])
  return { senders: Object.fromEntries(all) as AlertRules['senders'], listen }
}

/** Reports channels of chats that aren't used, clusters that don't exist, and senders that may not begin triage by themselves. */
export function checkAlerts(file: File, policy: Policy, now: Date, mistake: Note): void {
  const { senders = {}, listen = [] } = file.alerts ?? {}
  const clusters = file.clusters.map(({ name }) => name)
  for (const [name, { channel: shown, cluster, auto }] of Object.entries(senders)) {
    const path = ['alerts', 'senders', name]
    checkChannel(file, shown, [...path, 'channel'], mistake)
    if (cluster !== undefined && !clusters.includes(cluster))
      mistake([...path, 'cluster'], `there is no cluster "${cluster}"${nearest(cluster, clusters)}`)
    if (auto) checkAuto(name, policy, now, mistake)
  }
  for (const [index, each] of listen.entries()) {
    if (each.startsWith('slack:')) checkChannel(file, each, ['alerts', 'listen', index], mistake)
    else
      mistake(['alerts', 'listen', index], 'only channels of Slack can be read; Teams gives bots no messages of others')
  }
}

function checkChannel(file: File, channelName: string, path: Parameters<Note>[0], mistake: Note): void {
  const [platform = ''] = channelName.split(':')
  if (file[platform as keyof File] === undefined)
    mistake(path, `"${platform}" is not set up in this file, so nothing can be shown in ${channelName}`)
}

/** Reports a sender that would begin triage without a grant, or with a set that is more than reading. */
function checkAuto(name: string, policy: Policy, now: Date, mistake: Note): void {
  const path = ['alerts', 'senders', name, 'auto']
  const service = servicePrincipal(name)
  const at = now.toISOString()
  if (validGrants(service, policy, at).length === 0)
    mistake(path, `nothing is granted to ${service.id}; add a grant with \`to: [${service.id}]\` and reading sets`)
  for (const { name: set, effect, host, approval, terminal } of grantedSets(service, policy, at)) {
    const why =
      effect === 'write' || host.filesystem === 'read-write'
        ? 'may change its target'
        : approval !== undefined
          ? 'needs an approval'
          : terminal !== undefined
            ? 'gives shells'
            : undefined
    if (why !== undefined) mistake(path, `${service.id} has the set "${set}", which ${why}; grant it reading sets only`)
  }
}
