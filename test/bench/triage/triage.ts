import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { verified } from '#core/ports/store'
import type { Run } from '#core/runs/run'
import { nodeExec } from '#dev/dev-cluster/node'
import { redisRunStore } from '#src/redis/store/run-store'
import { figuresOf } from '#test/bench/figures'
import { atMost, type GoalResult } from '#test/bench/goals'
import type { Measure } from '#test/bench/measure'
import { apiOf, podOf, waitUntilPodStarted } from '#test/bench/peers'
import { openProgram, type Program } from '#test/bench/program'
import type { TestCluster } from '#test/environment/test-cluster'
import { inChannels, shown } from '#test/fakes/slack/shown'
import { sealKey } from '#test/flow/settings'
import { waitUntil } from '#test/flow/wait-for'
import { askTriage, isOfThisTriage, triagePolicy } from '#test/triage/faults/ask-triage'
import { countRequests } from '#test/triage/faults/count-requests'
import { type Recorded, triageByKubectl } from './kubectl.ts'
import type { StandIns } from './stand-ins.ts'

const limits = 'limits: { perPerson: 10000, perChannel: 10000, fanOut: { most: 200, confirmAbove: 1000 } }'
/** All that the API server has of a kind, as a stand-in answers it; the objects of nodes come from node001. */
const objectPaths = {
  nodes: '/api/v1/nodes/node001',
  leases: '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
  pods: '/api/v1/namespaces/kube-system/pods',
  'dns-config': '/api/v1/namespaces/kube-system/configmaps',
} as const

/**
 * Measures triage with all checks: of one node with a new container and with a warm one, of the two real nodes, beside a person with kubectl in
 * the same rounds; the time until the first failure is shown; and 60 and 200 stand-ins of nodes with the latencies of the real ones.
 */
export async function benchTriage(cluster: TestCluster, times: number): Promise<GoalResult> {
  const cold = await openReal(cluster, 'keep: off, keepInPods: off')
  const warm = await openReal(cluster, 'keep: 10m, keepInPods: off')
  try {
    const real = await measureReal(cluster, { cold, warm }, times)
    const red = await measureFirstFailure(warm, times)
    const latency = { ...(await measureLatency(cluster)), commands: real.commandsMs }
    const standIns = { outputs: real.outputs, objects: await readObjects(cluster), latency }
    const [sixty, twoHundred] = [
      await measureStandIns(standIns, 60, times),
      await measureStandIns(standIns, 200, times),
    ]
    const seconds = (took: readonly number[]) => figuresOf(took).median / 1_000
    return {
      measures: [...real.measures, red, sixty.measure, twoHundred.measure],
      goals: [
        atMost('one node, all checks: first failure shown', seconds(red.took), 2, 's'),
        atMost('one node, all checks, warm', seconds(real.took.warm), 12, 's'),
        atMost('one node, all checks, with a new container', seconds(real.took.cold), 20, 's'),
        atMost('the two real nodes', seconds(real.took.two), 20, 's'),
        atMost('60 stand-ins', seconds(sixty.took), 30, 's'),
        atMost('200 stand-ins', seconds(twoHundred.took), 90, 's'),
        atMost('creates and execs for a stand-in', Math.max(sixty.each, twoHundred.each), 1, '', 2),
      ],
      notes: [
        `one node: ${real.commands} commands, of which ${real.later} run twice; ${real.requests} of the API server, with a new container`,
        ...[sixty, twoHundred].map(({ note }) => note),
        `stand-ins answer after what was measured in the same run, in milliseconds: a read ${Math.round(latency.read)}, a dry run ${Math.round(latency.dryRun)}, the start of a debug pod ${Math.round(latency.start)}, the commands ${Math.round(latency.commands)}; they print what node001 printed`,
      ],
    }
  } finally {
    await cold.stop()
    await warm.stop()
  }
}

const openReal = ({ settings }: TestCluster, ready: string) =>
  openProgram({ ...settings, ready, policy: triagePolicy, more: limits })

/** Adds the milliseconds that a work takes. */
async function timed(into: number[], work: () => Promise<unknown>): Promise<void> {
  const begun = performance.now()
  await work()
  into.push(performance.now() - begun)
}

type Pair = { cold: Program; warm: Program }

async function measureReal(cluster: TestCluster, { cold, warm }: Pair, times: number) {
  const took = { cold: [] as number[], warm: [] as number[], two: [] as number[], byKubectl: [] as number[] }
  await askTriage(warm, 'node001 everything')
  const requests = countRequests(cluster)
  await askTriage(cold, 'node001 everything')
  const seen = requests()
  const [run] = await runsOf(cold)
  if (run === undefined) throw new Error('the triage had no run')
  const commands = { argvs: run.spec.pipeline, later: run.spec.batch?.later ?? [] }
  let outputs: Recorded[] = []
  for (let round = 0; round < times; round += 1) {
    await timed(took.cold, () => askTriage(cold, 'node001 everything'))
    await timed(took.warm, () => askTriage(warm, 'node001 everything'))
    await timed(took.two, () => askTriage(cold, '-l kubernetes.io/os=linux everything'))
    const person = await triageByKubectl(cluster, 'node001', commands)
    took.byKubectl.push(person.took)
    outputs = person.outputs
    process.stderr.write(`triage: round ${round + 1} of ${times}\n`)
  }
  const runs = await runsOf(cold)
  const seconds = runs.flatMap(({ startedAt, end }) =>
    startedAt === undefined || end === undefined ? [] : [Date.parse(end.at) - Date.parse(startedAt)],
  )
  const peer = { what: 'a person with kubectl, by a script', figures: figuresOf(took.byKubectl), target: 1 }
  const measures: Measure[] = [
    { name: 'triage of one node, new container', own: figuresOf(took.cold), peers: [peer] },
    { name: 'triage of one node, warm', own: figuresOf(took.warm), peers: [peer] },
    { name: 'triage of two nodes', own: figuresOf(took.two), peers: [] },
  ]
  const counts = Map.groupBy(seen, (each) => each)
  const asked = [...counts].map(([what, all]) => `${all.length} × ${what}`)
  return {
    ...{ took, measures, outputs, commands: commands.argvs.length, later: commands.later.length },
    requests: `${seen.length} requests (${asked.join(', ')})`,
    commandsMs: figuresOf(seconds).median,
  }
}

/** Resolves with the stored runs that a program has ended, by its log. */
async function runsOf(program: Program): Promise<Run[]> {
  const lines = program.stderr().split('\n')
  const ids = lines.flatMap((line) => (line.includes('"run ended"') ? [(JSON.parse(line) as { run: string }).run] : []))
  const client = new Redis(program.redis)
  try {
    const store = redisRunStore(client, { secret: sealKey, now: Date.now })
    const runs = await Promise.all(ids.map(async (id) => verified(await store.run(id))))
    return runs.flatMap((run) => (run?.spec.batch === undefined ? [] : [run]))
  } finally {
    client.disconnect()
  }
}

/** Measures the milliseconds until a failure of a node that forwards nothing is shown, warm. */
async function measureFirstFailure(program: Program, times: number): Promise<Measure & { took: number[] }> {
  const took: number[] = []
  const set = (value: 0 | 1) => nodeExec('node001', ['sysctl', '-q', '-w', `net.ipv4.ip_forward=${value}`])
  await set(0)
  try {
    for (let round = 0; round < times; round += 1) {
      const begun = performance.now()
      const whole = askTriage(program, 'node001 everything')
      const isShown = () =>
        inChannels(program.slack.state.messages)
          .map(shown)
          .some((text) => /forwards no packets/.test(text) && isOfThisTriage(text))
      await waitUntil('the failure is shown', isShown)
      took.push(performance.now() - begun)
      await whole
    }
  } finally {
    await set(1)
  }
  return { name: 'triage of one node, warm: first failure shown', own: figuresOf(took), peers: [], took }
}

/** Measures the API server's answers and the start of a debug pod, in milliseconds. */
async function measureLatency(cluster: TestCluster): Promise<Omit<StandIns['latency'], 'commands'>> {
  const { core, config } = apiOf(cluster)
  const times = { read: [] as number[], dryRun: [] as number[], start: [] as number[] }
  for (let round = 0; round < 5; round += 1) {
    const name = `latency-${process.pid}-${round}`
    const body = podOf(name, ['sleep', '60'], { hostNetwork: true })
    await timed(times.read, () => core.listNamespacedPod({ namespace: 'kube-system' }))
    await timed(times.dryRun, () => core.createNamespacedPod({ namespace: 'default', body, dryRun: 'All' }))
    await timed(times.start, async () => {
      await core.createNamespacedPod({ namespace: 'default', body })
      await waitUntilPodStarted(config, name)
    })
    await core.deleteNamespacedPod({ name, namespace: 'default', gracePeriodSeconds: 0 })
  }
  const [read, dryRun, start] = [times.read, times.dryRun, times.start].map((each) => figuresOf(each).median)
  return { read: read ?? 0, dryRun: dryRun ?? 0, start: start ?? 0 }
}

async function readObjects({ kubectl }: TestCluster): Promise<StandIns['objects']> {
  const read = async ([kind, path]: [string, string]) => {
    const found = JSON.parse(await kubectl(['get', '--raw', path])) as { items?: object[] }
    return [kind, found.items ?? [found]] as const
  }
  return Object.fromEntries(await Promise.all(Object.entries(objectPaths).map(read)))
}

/** Measures triage of so many stand-ins of nodes, in a process of its own. `each`: the most creates and execs for one of them. */
async function measureStandIns(given: Omit<StandIns, 'count'>, count: number, times: number) {
  const folder = mkdtempSync(join(tmpdir(), 'retina-stand-ins-'))
  const file = join(folder, 'stand-ins.json')
  writeFileSync(file, JSON.stringify({ ...given, count }))
  const more = { cluster: 'name: dev', policy: triagePolicy, more: limits }
  const program = await openProgram(more, { simulated: 'all', standIns: file })
  const took: number[] = []
  // A round takes a minute; what differs between them is small.
  const rounds = Math.min(times, 3)
  try {
    for (let round = 0; round < rounds; round += 1) {
      await timed(took, () => askTriage(program, '-l pool=bench everything', 240))
      process.stderr.write(`triage of ${count} stand-ins: round ${round + 1} of ${rounds}\n`)
    }
  } finally {
    await program.stop()
    rmSync(folder, { recursive: true })
  }
  const text = /^stand-ins: (.*)$/m.exec(program.stderr())?.[1] ?? '{}'
  const { creates = 0, execs = 0, dryRuns = 0, reads = 0 } = JSON.parse(text) as Record<string, number>
  const perRound = (number: number) => Math.round(number / rounds)
  return {
    measure: { name: `triage of ${count} stand-ins`, own: figuresOf(took), peers: [] },
    took,
    each: (creates + execs) / rounds / count,
    note: `${count} stand-ins: ${perRound(creates)} creates, ${perRound(execs)} execs, ${perRound(dryRuns)} dry runs, ${perRound(reads)} reads`,
  }
}
