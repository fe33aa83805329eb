import { authorize } from '#core/policy/authorize'
import type { CapabilitySet, Decision } from '#core/policy/policy'
import { type AddressesOf, resolveDestinations } from '#core/request/resolve-destinations'
import { knownNames } from '#src/app/policy-file'
import { parse } from '#src/command/parse'
import { plan } from '#src/command/plan'
import { parseConfig } from '#src/config/load'
import { catalogue } from '#src/tools/index'
import { expectValid } from '#test/config/expect-valid'

const now = '2026-11-24T03:00:00.000Z'
const rights =
  'capabilities: [NET_RAW, NET_ADMIN, SYS_CHROOT], host: { filesystem: read-only, pid: true }, effect: write'
const { config } = expectValid(
  parseConfig(
    `
clusters: [{ name: dev }]
shell: { image: { repo: a.io/shell, version: v1 } }
deny: ['fd00:ec2::254', '::1', 'metadata.google.internal', '*.metadata.example']
capabilitySets:
  wide: { tools: ['*', nmap RANGE], ${rights}, deny: [169.254.169.254, 10.96.0.0/12, 127.0.0.0/8] }
grants: [{ to: [alice@example.com], sets: [wide], on: [{ nodes: '*' }] }]
`,
    {},
    { ...knownNames(), now: new Date(now) },
  ),
)
const shell = parse({ text: 'shell node001 ping x' }, catalogue)

/** Gives the set other rights; `special` are the special arguments of the command. */
export type ChangeSet = (set: CapabilitySet, special: readonly string[]) => CapabilitySet

/** Decides about a command under a set that has every tool and denies destinations; `argv` is what would be run. */
export async function decideDestination(
  words: readonly string[],
  toAddresses: AddressesOf,
  changeSet: ChangeSet = (set) => set,
): Promise<{ decision: Decision; argv: readonly string[] }> {
  if (shell.verb !== 'shell') throw new Error(JSON.stringify(shell))
  const planned = plan({ ...shell, pipeline: [words] }, catalogue, config.shell.image)
  if ('verb' in planned)
    return { decision: { effect: 'deny', reason: 'tool', message: planned.message, wouldNeed: [] }, argv: words }
  const destinations = await resolveDestinations(planned.destinations, toAddresses)
  const special = planned.pipeline.flatMap((stage) =>
    [...stage.special, ...(stage.detours ?? [])].map(({ name }) => name),
  )
  const by = { id: 'alice@example.com', name: 'Alice', groups: [] }
  const facts = { uid: 'u', node: 'node001', os: 'linux' as const, labels: {}, namespaceLabels: {} }
  const target = { kind: 'node' as const, cluster: 'dev', name: 'node001' }
  const thread = { platform: 'slack' as const, team: 'T', channel: 'C' }
  const policy = { ...config.policy, sets: config.policy.sets.map((set) => changeSet(set, special)) }
  const decision = authorize({ ...planned, destinations, by, target, facts, thread }, policy, now)
  return { decision, argv: planned.pipeline[0]?.argv ?? [] }
}

/** Changes a set so that it names every special argument of the command. */
export const nameAll: ChangeSet = (set, special) => ({ ...set, tools: [...set.tools, ...special] })
