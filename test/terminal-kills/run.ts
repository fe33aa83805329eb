import type { Page } from 'playwright-core'
import { delay } from '#core/util/delay'
import { nodeExec } from '#dev/dev-cluster/node'
import { type Random, seededRandom } from '#test/chaos/random'
import type { TestCluster } from '#test/environment/test-cluster'
import { waitUntil } from '#test/flow/wait-for'
import type { KillsEnvironment } from './environment.ts'
import { cutKinds } from './network.ts'
import { handedUpTo, noteWhatIsShown, type PageRecord, readPageRecord } from './page-record.ts'

/** What is broken under an open shell. */
export const faultKinds = ['reload', 'reset', 'paused', 'dead', 'terminal', 'redis', 'api-server', 'kubelet'] as const
export type FaultKind = (typeof faultKinds)[number]

/** A fault that happened: for how many milliseconds something was away, and how long after its return the page showed new output. */
export type Happened = { kind: FaultKind; awayMs: number; backMs: number }

export type KillsOptions = {
  seed: number
  /** How often each kind happens. */
  times: number
  kinds: readonly FaultKind[]
  /** Largest number of faults in one session, and longest time in milliseconds for which something is away. */
  perSession: number
  maxAwayMs: number
  /** Time in milliseconds of every cut of the network. Default: random, as for all else. */
  cutMs?: number
  cluster?: TestCluster
  log: (text: string) => void
}

export type KillsOutcome = {
  happened: readonly Happened[]
  sessions: number
  bytes: number
  lines: number
  typed: number
  /** What was lost, doubled or different. */
  violations: readonly string[]
}

/** Breaks what is under open shells, at random moments, while they print and are typed into; compares what the page has with the runner's account. */
export async function runKills(environment: KillsEnvironment, options: KillsOptions): Promise<KillsOutcome> {
  const random = seededRandom(options.seed)
  const plan = random.shuffled(options.kinds.flatMap((kind) => Array.from({ length: options.times }, () => kind)))
  const outcome = { sessions: 0, bytes: 0, lines: 0, typed: 0 }
  const happened: Happened[] = []
  const violations: string[] = []
  while (plan.length > 0) {
    const page = await environment.browser.newPage()
    const { record, faults } = await runSession(environment, page, plan.splice(0, options.perSession), random, options)
    happened.push(...faults)
    const { problems, lines, typed } = judge(record)
    const unrecorded = await findUnrecorded(environment, sessionOf(page), record.total)
    violations.push(...[...problems, ...unrecorded].map((each) => `session ${outcome.sessions + 1}: ${each}`))
    await page.close()
    outcome.sessions += 1
    outcome.bytes += record.total
    outcome.lines += lines
    outcome.typed += typed
    options.log(`session ${outcome.sessions}: ${record.total} bytes, ${typed} lines typed, ${faults.length} faults`)
  }
  return { ...outcome, happened, violations }
}

async function runSession(
  environment: KillsEnvironment,
  page: Page,
  kinds: readonly FaultKind[],
  random: Random,
  options: KillsOptions,
): Promise<{ record: PageRecord; faults: readonly Happened[] }> {
  await noteWhatIsShown(page)
  await page.goto(await environment.link())
  await page.getByRole('button', { name: 'Open the shell' }).click()
  await waitUntil('the counter prints', async () => (await handedUpTo(page)) > 100)
  const typing = typeLines(page)
  const faults: Happened[] = []
  for (const kind of kinds) {
    await delay(random.between(200, 2_000))
    const awayMs = kind === 'reload' || kind === 'kubelet' ? 0 : timeAway(kind, random, options)
    await breakOnce(environment, page, kind, awayMs, options.cluster)
    const before = await handedUpTo(page)
    const backAt = performance.now()
    await waitUntil(`output after ${kind}`, async () => (await handedUpTo(page)) > before)
    faults.push({ kind, awayMs, backMs: Math.round(performance.now() - backAt) })
    options.log(`${kind}: away ${awayMs} ms, output ${faults.at(-1)?.backMs} ms after it was back`)
  }
  await typing.stop()
  await waitUntil('the page is connected', async () => (await stateOf(page)) === 'open')
  // A line that a reload has cut in two ends here.
  await page.keyboard.type('\nlast\n')
  await page.getByText('The shell ended with exit code 5.').waitFor({ timeout: 60_000 })
  return { record: await readPageRecord(page), faults }
}

/** Returns for how many milliseconds something is away. */
function timeAway(kind: FaultKind, random: Random, { maxAwayMs, cutMs }: KillsOptions): number {
  if (cutMs !== undefined && cutKinds.some((each) => each === kind)) return cutMs
  // A session whose output can't be recorded for five seconds ends: Redis is back before.
  return random.between(50, kind === 'redis' ? Math.min(maxAwayMs, 2_500) : maxAwayMs)
}

/** Returns the id of a page's session. */
const sessionOf = (page: Page) => new URL(page.url()).pathname.split('/').at(-1) ?? ''

/** Returns what is wrong with a session's recording: it has to hold all of its output. */
async function findUnrecorded(environment: KillsEnvironment, id: string, total: number): Promise<string[]> {
  const found = await environment.verifyRecording(id)
  if ('mistake' in found) return [found.mistake]
  return found.bytes === total ? [] : [`${found.bytes} of ${total} bytes are recorded`]
}

const stateOf = (page: Page) => page.evaluate('document.documentElement.dataset.state').catch(() => undefined)

/** Types numbered lines until it is stopped; what is typed while there is no page is typed nowhere. */
function typeLines(page: Page): { stop: () => Promise<void> } {
  let isOver = false
  const typing = (async () => {
    for (let at = 1; !isOver; at += 1) {
      await page.keyboard.type(`key ${at}\n`).catch(() => undefined)
      await delay(40)
    }
  })()
  return {
    async stop() {
      isOver = true
      await typing
    },
  }
}

/** Breaks something, and resolves when it is back. */
async function breakOnce(
  { network, terminal, redis }: KillsEnvironment,
  page: Page,
  kind: FaultKind,
  awayMs: number,
  cluster: TestCluster | undefined,
): Promise<void> {
  const cut = cutKinds.find((each) => each === kind)
  if (cut !== undefined) return network.cut(cut, awayMs)
  if (kind === 'reload') return void (await page.reload())
  if (kind === 'terminal') {
    await terminal.kill()
    await delay(awayMs)
    return terminal.start()
  }
  if (kind === 'redis') {
    await redis.stop()
    await delay(awayMs)
    return redis.start()
  }
  if (cluster === undefined) throw new Error(`${kind} needs the development cluster`)
  if (kind === 'kubelet') return void (await nodeExec('node001', ['systemctl', 'restart', 'kubelet']))
  await cluster.stopApiServer()
  await delay(awayMs)
  await cluster.startApiServer()
}

/** Compares what a page was handed with what the runner printed, and what was typed with what the shell was given. */
function judge({ total, sha256, text, accepted, runner }: PageRecord) {
  const shown = text.split('\r\n')
  const ticks = shown.filter((line) => line.startsWith('tick '))
  const typed = shown.filter((line) => line.startsWith('typed '))
  const lines = accepted.split('\r').slice(0, -1)
  const expectedTicks = ticks.map((_line, at) => `tick ${at + 1}`)
  const expectedTyped = lines.map((line, at) => `typed ${at + 1} ${line}`)
  const problems = [
    ...(total === runner.total ? [] : [`the page has ${total} bytes, and the runner printed ${runner.total}`]),
    ...(sha256 === runner.sha256 ? [] : [`the SHA-256 is ${sha256}, and the runner's is ${runner.sha256}`]),
    ...(runner.exitCode === '5' ? [] : [`the exit code is ${runner.exitCode}`]),
    ...difference('printed', ticks, expectedTicks),
    ...difference('typed', typed, expectedTyped),
  ]
  return { problems, lines: ticks.length, typed: typed.length }
}

function difference(what: string, found: readonly string[], expected: readonly string[]): string[] {
  const at = expected.findIndex((line, index) => line.trimEnd() !== found[index]?.trimEnd())
  if (at >= 0) return [`${what}: "${found[at]}" where "${expected[at]}" was due`]
  return found.length === expected.length ? [] : [`${what}: ${found.length} lines in place of ${expected.length}`]
}
