import { type ChaosEnvironment, type Checkout, presentCheckout } from '#test/chaos/environment'
import { type SentCommand, sendCommand } from '#test/chaos/load'
import { seededRandom } from '#test/chaos/random'
import { sendUntilAborted } from '#test/chaos/run'
import { allRuns, type Verdict, verdictMistakes, verify } from '#test/chaos/verify'
import { openAuditLog } from '#test/environment/open-audit-log'
import { waitUntil } from '#test/flow/wait-for'

export type UpgradeOutcome = {
  /** Number of commands sent before, during and after each replacement. */
  phases: { name: string; commands: number }[]
  /** Number of runs, of their endings in the program's audit log, and of containers and processes that the API server's audit log counts for them. */
  runs: number
  /** Refused runs that nobody had approved. An approved one is refused when the image was changed that people approved. */
  refused: string[]
  /** Names of debug containers that the API server created more than once. */
  createdTwice: string[]
  seconds: number
  verdict: Verdict
}

export type UpgradeOptions = {
  before: Checkout
  /** Number of commands that are sent at least. */
  commands: number
  seed: number
  log: (text: string) => void
}

/** Replaces all processes by the present program and back, while commands are sent; then waits until all runs have ended, and checks them. */
export async function runUpgrade(
  context: ChaosEnvironment,
  { before, commands: wanted, seed, log }: UpgradeOptions,
): Promise<UpgradeOutcome> {
  const begun = Date.now()
  const apiLog = openAuditLog(context.cluster)
  const random = seededRandom(seed)
  const commands: SentCommand[] = []
  const stop = new AbortController()
  const sending = sendUntilAborted(
    context,
    async () => void commands.push(await sendCommand(context, random)),
    stop.signal,
  )
  sending.catch(() => undefined)
  const phases: UpgradeOutcome['phases'] = []
  const phase = async (name: string, work: () => Promise<unknown>) => {
    const from = commands.length
    log(`${name}: ${from} commands so far`)
    await work()
    phases.push({ name, commands: commands.length - from })
  }
  const untilSent = (share: number) => () =>
    waitUntil(`${Math.ceil(wanted * share)} commands`, () => commands.length >= wanted * share, { seconds: 600 })
  const present = context.versionOf(presentCheckout)
  try {
    await phase('the program before', untilSent(0.2))
    await phase('upgrade', () => context.fleet.restartAll(present))
    await phase('the present program', untilSent(0.6))
    await phase('rollback', () => context.fleet.restartAll(context.versionOf(before)))
    await phase('the program before, again', untilSent(1))
  } finally {
    stop.abort()
    await sending
  }
  await Promise.all(commands.map(({ done }) => done))
  log(`${commands.length} commands; waiting until all runs have ended`)
  const verdict = await verify(context, commands)
  const stored = [...(await allRuns(context.redis.connection, commands)).values()].flat()
  const refused = stored
    .filter(({ end, approval }) => end?.reason === 'refused' && approval === undefined)
    .map(({ id, end }) => `${id}: ${end?.message}`)
  const created = apiLog
    .events()
    .filter(
      ({ verb, requestURI, objectRef, responseStatus }) =>
        verb === 'create' &&
        objectRef?.resource === 'pods' &&
        objectRef.subresource === undefined &&
        !requestURI.includes('dryRun=') &&
        responseStatus?.code === 201,
    )
  apiLog.close()
  const names = created.map(({ objectRef }) => objectRef?.name ?? '')
  const createdTwice = [...new Set(names.filter((name, at) => names.indexOf(name) !== at))]
  const runs = Object.values(verdict.ends).reduce((sum, many) => sum + many, 0)
  return { phases, runs, refused, createdTwice, seconds: Math.round((Date.now() - begun) / 1_000), verdict }
}

/** Returns everything that must not have happened, one line each; empty if there was nothing. A stop for a replacement ends no run. */
export function mistakes({ verdict, refused, createdTwice }: UpgradeOutcome): string[] {
  const interrupted = Object.entries(verdict.ends).filter(
    ([reason]) => !['completed', 'canceled', 'refused'].includes(reason),
  )
  return [
    ...verdictMistakes(verdict),
    ...refused.map((each) => `refused: ${each}`),
    ...createdTwice.map((name) => `created twice: ${name}`),
    ...interrupted.map(([reason, many]) => `${many} runs ended as ${reason}`),
  ]
}
