import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { knownNames } from '#src/app/policy-file'
import { parseConfig } from '#src/config/load'
import { expectValid } from '#test/config/expect-valid'
import { useRedis } from '#test/environment/redis'
import { fakeCluster, type Tools } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { sysctlWith } from '#test/fakes/sysctl'
import { openApp } from './app.ts'
import { auditRecordsAt } from './audit-log.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

/** Sets of the policy with which owners begin. */
const text = readFileSync(join(import.meta.dirname, '../../deploy/starter-policy.yaml'), 'utf8')
const starter = `groups: { leads: [lead@example.com] }\n${text}`
const grants = (alice: string, bob: string) => `
grants:
  - { to: [alice@example.com], sets: ${alice}, on: [{ nodes: '*' }] }
  - { to: [bob@example.com], sets: ${bob}, on: [{ nodes: '*' }] }`
const { sets } = expectValid(
  parseConfig(`clusters: [{ name: dev }]\nshell: { image: { repo: a, version: b } }\n${starter}`, {}, knownNames()),
).config.policy

const noRoute: Tools = {
  ip: (argv) =>
    argv.includes('get')
      ? [{ err: 'RTNETLINK answers: Network is unreachable\n' }, { end: { reason: 'failed', exitCode: 2 } }]
      : [{ out: '[]\n' }],
  sysctl: sysctlWith({ 'net.ipv4.ip_forward': '1' }),
  iptables: () => [{ out: '# nothing\n' }],
}

async function open(alice = '[probe, netfilter, host-read]', bob = '[probe]') {
  await redis.empty()
  const cluster = fakeCluster('dev', noRoute)
  cluster.apiObjects.set('nodes', [{ kind: 'Node', metadata: { name: 'node001' }, status: { conditions: [] } }])
  const options = { redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster }
  const app = await openApp({ ...options, policy: `${starter.replace(/^deny: .*$/m, '')}${grants(alice, bob)}` })
  /** Runs a triage to its end; returns its text. */
  const triage = async (user: string): Promise<string> => {
    await app.people.command(user, 'triage node001')
    const message = await app.shows(/on node\/node001 · /)
    await waitUntil('it is done', () => /all outputs in/.test(shown(message)))
    return shown(message)
  }
  /** Returns the set of each run, by its id. */
  const setsOfRuns = async () => {
    const decided = await auditRecordsAt(redis.url(), 'decided')
    return new Map(decided.map(({ run, details }) => [run, details['set']]))
  }
  return { ...app, cluster, triage, setsOfRuns }
}

/** Tools that a run's commands need, by the names that sets use: the first word, and that of `chroot /host`. */
const toolsOf = (pipeline: readonly (readonly string[])[]) => {
  const words = pipeline.flatMap(([tool = '', , inside]) => (tool === 'chroot' ? [tool, inside ?? ''] : [tool]))
  return [...new Set(words.map((word) => word.replace(/^(iptables)-(?:legacy-|nft-)?save$/, '$1')))]
}

/** Fails where a container has more than the set that gave it. */
async function expectWithinSets({ cluster, setsOfRuns }: Awaited<ReturnType<typeof open>>) {
  const byRun = await setsOfRuns()
  for (const { id, spec } of cluster.launched) {
    const set = sets.find(({ name }) => name === byRun.get(id))
    expect({ id, set: set?.name }).toEqual({ id, set: expect.any(String) })
    expect(set?.capabilities).toEqual(expect.arrayContaining([...spec.capabilities]))
    // A set may list whole commands in place of their tool.
    const others = spec.pipeline.filter((argv) => set?.tools.includes(argv.join(' ')) !== true)
    expect(set?.tools).toEqual(expect.arrayContaining(toolsOf(others)))
    if (spec.host.pid) expect(set?.host.pid).toBe(true)
    if (spec.host.filesystem !== 'none') expect(set?.host.filesystem).not.toBe('none')
  }
}

test('T07 as nobody: nothing runs, nothing is read, nothing is learnt', async () => {
  const { people, shows, cluster } = await open()
  await people.command('U0CAROL', 'triage node001')
  expect(shown(await shows(/You have no access to node\/node001/))).not.toMatch(/FAIL|WARN|route/)
  await people.command('U0CAROL', 'triage node999')
  await shows(/You have no access to node\/node999/)
  await people.command('U0CAROL', 'triage -l pool=web')
  await shows(/There are no nodes with pool=web that you have access to/)
  expect(cluster.launched).toEqual([])
  expect(cluster.readers).toEqual([])
  expect(await auditRecordsAt(redis.url(), 'decided', 'fan-out')).toEqual([])
})

test('T07 as `probe` only: its checks run in one container without rights over the node; the others are named with their sets', async () => {
  const app = await open()
  const text = await app.triage('U0BOB')
  expect(text).toMatch(/node001: No route leads out of the node/)
  expect(text).toMatch(/Not looked at: [^;]*ip-forward[^;]*: the set [a-z-]*(?:host-read|triage)[a-z -]* would give it/)
  expect(app.cluster.launched).toHaveLength(1)
  expect(app.cluster.launched[0]?.spec).toMatchObject({ capabilities: [], host: { filesystem: 'none', pid: false } })
  await expectWithinSets(app)
  // Objects of the API server are a right of their own.
  expect(app.cluster.readers.filter((reader) => reader.startsWith('bob'))).toEqual([])
})

test('T07 as netops: one container for each set, none with more than its set; the set `triage` makes it one', async () => {
  const app = await open()
  const text = await app.triage('U0ALICE')
  expect(text).toMatch(/node001: No route leads out of the node/)
  const used = [...new Set((await app.setsOfRuns()).values())]
  expect(app.cluster.launched).toHaveLength(used.length)
  expect(used.length).toBeGreaterThan(1)
  await expectWithinSets(app)
})

test('T07 with the set `triage`, all checks are covered by one container', async () => {
  const app = await open('[triage]')
  const text = await app.triage('U0ALICE')
  expect(app.cluster.launched).toHaveLength(1)
  await expectWithinSets(app)
  expect(app.cluster.readers.filter((reader) => reader.startsWith('alice'))).toEqual(
    expect.arrayContaining(['alice@example.com nodes', 'alice@example.com leases']),
  )
  expect(text).not.toMatch(/would give it/)
})

test('the audit log has every command of a triage with its outcome, and what was read of the API server', async () => {
  const app = await open('[triage]')
  await app.triage('U0ALICE')
  const [run] = app.cluster.launched
  const [ended] = (await auditRecordsAt(redis.url(), 'ended')).filter((record) => record.run === run?.id)
  const commands = (ended?.details['commands'] ?? '').split('; ')
  expect(commands).toContain('exit 2: ip route get 1.1.1.1')
  const forwarding = "sysctl -a -r '^net\\.ipv(4\\.ip_forward|6\\.conf\\.all\\.forwarding)$'"
  expect(commands.some((line) => line.startsWith('exit 0: ') && line.endsWith(forwarding))).toBe(true)
  expect(commands.some((line) => /^exit 127: .*mpstat -P ALL 1 2$/.test(line))).toBe(true)
  expect(commands).toHaveLength(run?.spec.pipeline.length ?? 0)
  const [fanOut] = await auditRecordsAt(redis.url(), 'fan-out')
  expect(fanOut?.details['objects']).toBe('api nodes: read; api leases: read; api pods: read; api endpoints: read')
})
