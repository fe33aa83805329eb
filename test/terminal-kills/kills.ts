import '../../src/core/util/disable-background-compilers.js'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { up } from '#dev/dev-cluster/cluster'
import { openCleanup, useTemporaryFolder } from '#dev/machine/cleanup'
import { buildShellImage } from '#shell-image/build'
import { openNamespace, type TestCluster } from '#test/environment/test-cluster'
import { endingsOptions, runEndings } from './endings.ts'
import { type EnvironmentOptions, type KillsEnvironment, openKillsEnvironment } from './environment.ts'
import { reportEndings, reportFlood, writeFigures } from './figures.ts'
import { floodOptions, runFlood } from './flood.ts'
import { reportKills } from './report.ts'
import { faultKinds, type KillsOutcome, runKills } from './run.ts'

const usage = `npm run terminal-kills [-- OPTIONS]
  Breaks what is under open shells at random moments, while a counter prints 200 lines a second and numbered lines are typed in a real browser:
  the page is loaded again, the network is cut, the terminal's process is killed, Redis is restarted; with --cluster, shells are in containers of
  the development cluster, and the API server is killed and the kubelet restarted too. Then the SHA-256 that the page computes over what its
  terminal was handed has to be the runner's, each typed line to be there once, and the recording to hold all of it. Exits with code 1 if not.
  Writes .bench/terminal-kills.json, and the processes' logs into .bench/terminal-kills/.
  --times N    how often each fault happens (20)
  --seed N     seed of the random moments (1)
  --away N     longest time for which something is away, in seconds (5)
  --cut N      time of every cut of the network, in seconds (random, as for all else)
  --only KIND  only this fault, several times for several: ${faultKinds.join(', ')}
  --lanes N    share the faults among N bots, terminals and browsers that run side by side, with the seeds after this one (1)
  --cluster    shells in the development cluster
  --write      write the figures into docs/reliability.md
  In place of that:
  --sessions N end N sessions in every way, after each left processes behind that ignore SIGHUP and SIGTERM; nothing of them may be left
  --flood N    let N shells print as fast as they can, for --seconds N (30), and measure how fast commands are accepted; then kill Redis
               --times N under open shells: nothing may be shown that isn't recorded`

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: {
    times: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    away: { type: 'string', default: '5' },
    cut: { type: 'string' },
    only: { type: 'string', multiple: true },
    lanes: { type: 'string', default: '1' },
    sessions: { type: 'string' },
    flood: { type: 'string' },
    seconds: { type: 'string', default: '30' },
    cluster: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const cleanup = await openCleanup(values.cluster ? { cluster: 'npm run terminal-kills' } : {})
useTemporaryFolder(cleanup)
const cluster = values.cluster ? await openCluster() : undefined
const [seed, times] = [Number(values.seed), Number(values.times)]
const log = (text: string) => process.stderr.write(`${text}\n`)

const form = values.sessions === undefined ? (values.flood === undefined ? 'kills' : 'flood') : 'endings'
const name = `terminal-${form}${cluster === undefined ? '' : '-cluster'}`
const { text, outcome } = await { kills: killAll, endings: endAll, flood: floodAll }[form]()
writeFileSync(join(root, `.bench/${name}.json`), `${JSON.stringify(outcome, null, 2)}\n`)
console.log(text)
for (const each of outcome.violations) console.error(each)
if (values.write) writeFigures(name, text)
await cluster?.close()
await cleanup.close()
process.exit(outcome.violations.length === 0 ? 0 : 1)

type Result = { text: string; outcome: { violations: readonly string[] } }

async function killAll(): Promise<Result> {
  const lanes = await Promise.all(Array.from({ length: Number(values.lanes) }, (_each, at) => killInLane(at)))
  const outcome = lanes.reduce(joined)
  return { text: reportKills(outcome, seed), outcome }
}

/** Makes one lane's share of the faults happen. */
function killInLane(lane: number): Promise<KillsOutcome> {
  const clusterKinds = ['api-server', 'kubelet']
  const kinds = faultKinds.filter((kind) =>
    values.only === undefined ? values.cluster || !clusterKinds.includes(kind) : values.only.includes(kind),
  )
  const lanes = Number(values.lanes)
  return within(`lane-${lane}`, {}, (environment) =>
    runKills(environment, {
      ...{ seed: seed + lane, kinds, perSession: 12, maxAwayMs: 1_000 * Number(values.away) },
      times: Math.floor(times / lanes) + (lane < times % lanes ? 1 : 0),
      ...(values.cut === undefined ? {} : { cutMs: 1_000 * Number(values.cut) }),
      ...(cluster === undefined ? {} : { cluster }),
      log,
    }),
  )
}

function joined(one: KillsOutcome, other: KillsOutcome): KillsOutcome {
  return {
    happened: [...one.happened, ...other.happened],
    sessions: one.sessions + other.sessions,
    bytes: one.bytes + other.bytes,
    lines: one.lines + other.lines,
    typed: one.typed + other.typed,
    violations: [...one.violations, ...other.violations],
  }
}

async function endAll(): Promise<Result> {
  const sessions = Number(values.sessions)
  const outcome = await within('endings', endingsOptions, (environment) =>
    runEndings(environment, { sessions, log, ...(cluster === undefined ? {} : { cluster }) }),
  )
  return { text: reportEndings(outcome), outcome }
}

async function floodAll(): Promise<Result> {
  const [shells, seconds] = [Number(values.flood), Number(values.seconds)]
  const outcome = await within('flood', floodOptions, (environment) =>
    runFlood(environment, { seed, shells, seconds, times, log }),
  )
  return { text: reportFlood(outcome), outcome }
}

/** Opens everything for some work; `folder`: of the processes' logs. */
async function within<T>(
  folder: string,
  options: EnvironmentOptions,
  work: (environment: KillsEnvironment) => Promise<T>,
): Promise<T> {
  const logs = join(root, '.bench/terminal-kills', folder)
  mkdirSync(logs, { recursive: true })
  const environment = await openKillsEnvironment(logs, { ...options, ...(cluster === undefined ? {} : { cluster }) })
  return work(environment).finally(environment.close)
}

async function openCluster(): Promise<TestCluster> {
  const dev = await up()
  const image = await buildShellImage()
  await dev.loadImage(image.tar, image.digest)
  return openNamespace(dev)
}
