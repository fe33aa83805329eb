import { expect, test } from '@jest/globals'
import { authorize } from '#core/policy/authorize'
import type { CapabilitySet, Decision } from '#core/policy/policy'
import { resolveDestinations } from '#core/request/parse-destination'
import { knownNames } from '#src/app/policy-file'
import { parse } from '#src/command/parse'
import { plan } from '#src/command/plan'
import { parseConfig } from '#src/config/load'
import { catalogue } from '#src/tools/index'
import { addressesByName, type DestinationCase, deniedCases } from './denied-destinations.ts'
import { harmlessCases } from './harmless-destinations.ts'

const now = '2026-11-24T03:00:00.000Z'
const rights =
  'capabilities: [NET_RAW, NET_ADMIN, SYS_CHROOT], host: { filesystem: read-only, pid: true }, effect: write'
const loaded = parseConfig(
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
)
if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
const { config } = loaded
const shell = parse({ text: 'shell node001 ping x' }, catalogue)

/** Decides about a command; `changeSet` gives the set other rights. */
async function decide(
  { words }: Pick<DestinationCase, 'words'>,
  changeSet: (set: CapabilitySet, special: readonly string[]) => CapabilitySet = (set) => set,
): Promise<Decision> {
  if (shell.verb !== 'shell') throw new Error(JSON.stringify(shell))
  const argv = typeof words === 'string' ? words.split(' ') : words
  const planned = plan({ ...shell, pipeline: [argv] }, catalogue, config.shell.image)
  if ('verb' in planned) throw new Error(planned.message)
  const destinations = await resolveDestinations(planned.destinations, async (name) => {
    if (name === 'unknown.example') throw new Error('SERVFAIL')
    return addressesByName[name] ?? []
  })
  const special = planned.pipeline.flatMap((stage) =>
    [...stage.special, ...('detours' in stage ? (stage.detours as typeof stage.special) : [])].map(({ name }) => name),
  )
  const by = { id: 'alice@example.com', name: 'Alice', groups: [] }
  const facts = { uid: 'u', node: 'node001', os: 'linux' as const, labels: {}, namespaceLabels: {} }
  const target = { kind: 'node' as const, cluster: 'dev', name: 'node001' }
  const thread = { platform: 'slack' as const, team: 'T', channel: 'C' }
  const policy = { ...config.policy, sets: config.policy.sets.map((set) => changeSet(set, special)) }
  return authorize({ ...planned, destinations, by, target, facts, thread }, policy, now)
}

const nameAll = (set: CapabilitySet, special: readonly string[]) => ({ ...set, tools: [...set.tools, ...special] })
const title = ({ words }: Pick<DestinationCase, 'words'>) => JSON.stringify(words).slice(0, 120)

test.each(deniedCases.map((each) => [title(each), each] as const))('T12 denied: %s', async (_title, each) => {
  const decision = await decide(each, each.named ? nameAll : undefined)
  const reasons = each.named ? ['destination'] : ['destination', 'special-argument']
  expect(decision).toMatchObject({ effect: 'deny' })
  expect(reasons).toContain('reason' in decision ? decision.reason : '')
})

test.each(harmlessCases.map((words) => [title({ words }), words] as const))(
  'T12 allowed: %s',
  async (_title, words) => {
    expect(await decide({ words })).toMatchObject({ effect: 'allow' })
  },
)

test('T12 there are enough cases: 220 notations that are denied, 40 commands that stay allowed', () => {
  expect(deniedCases.length).toBeGreaterThanOrEqual(220)
  expect(harmlessCases.length).toBeGreaterThanOrEqual(40)
})
