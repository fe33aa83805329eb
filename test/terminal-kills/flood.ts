import { delay } from '#core/util/delay'
import { type Random, seededRandom } from '#test/chaos/random'
import { waitUntil } from '#test/flow/wait-for'
import type { EnvironmentOptions, KillsEnvironment } from './environment.ts'
import { farewellOf, openShellClient, type ShellClient } from './shell-client.ts'

/** Environment of shells that print without end; `limits` let one person have all of them. */
export const floodOptions: EnvironmentOptions = {
  shell: ['bash', '--norc'],
  settings: 'limits: { shellsPerPerson: 1000, shellsPerTarget: 1000, perPerson: 10000, perChannel: 100000 }',
}

/** Milliseconds from one command to the next. */
const commandMs = 250
/** Milliseconds in which Slack wants a command to be acknowledged. */
const acknowledgeMs = 3_000
/** Milliseconds in which what was sent before Redis went away still arrives. */
const onTheWayMs = 100
/** Shells that print while Redis goes away. */
const shellsAway = 3

export type FloodOptions = {
  seed: number
  /** Number of shells, and the seconds for which they print. */
  shells: number
  seconds: number
  /** How often Redis goes away. */
  times: number
  log: (text: string) => void
}

export type FloodOutcome = {
  shells: number
  seconds: number
  /** Bytes that all shells showed. */
  bytes: number
  /** Milliseconds in which each command was acknowledged, before the shells printed and meanwhile; sorted. */
  quiet: readonly number[]
  flooded: readonly number[]
  /** Each time that Redis went away: milliseconds until the first session ended, and bytes that were shown although Redis was away. */
  away: readonly { endedMs: number; shownBytes: number }[]
  violations: readonly string[]
}

/** Measures how fast commands are accepted while shells print as fast as they can, and what is shown when their recordings can't be stored. */
export async function runFlood(environment: KillsEnvironment, options: FloodOptions): Promise<FloodOutcome> {
  const { shells, seconds, times, log } = options
  const violations: string[] = []
  const quiet = await sendCommands(environment, 10, () => true)
  const all: ShellClient[] = []
  for (let at = 0; at < shells; at += 1) all.push(await openShell(environment))
  for (const shell of all) shell.type('yes "it fills the terminal"\r')
  await waitUntil('all shells print', () => all.every((shell) => shell.shown() > 100_000))
  const [before, since] = [shownBy(all), performance.now()]
  const flooded = await sendCommands(environment, seconds, () => all.every((shell) => shell.farewell() === undefined))
  const took = (performance.now() - since) / 1_000
  const bytes = shownBy(all) - before
  log(`${bytes} bytes in ${took.toFixed(1)} s; commands acknowledged in at most ${flooded.at(-1)} ms`)
  if ((flooded.at(-1) ?? Number.POSITIVE_INFINITY) > acknowledgeMs)
    violations.push(`a command was acknowledged after ${flooded.at(-1)} ms`)
  for (const shell of all) shell.end()
  for (const shell of all) await farewellOf(shell)
  const random = seededRandom(options.seed)
  const away: { endedMs: number; shownBytes: number }[] = []
  for (let at = 0; at < times; at += 1) away.push(await storeAway(environment, random, violations))
  log(`Redis away ${times} times: ${JSON.stringify(away)}`)
  return { shells, seconds: took, bytes, quiet, flooded, away, violations }
}

const shownBy = (shells: readonly ShellClient[]) => shells.reduce((sum, shell) => sum + shell.shown(), 0)

async function openShell(environment: KillsEnvironment): Promise<ShellClient> {
  const shell = await openShellClient(environment.network.port, await environment.link())
  shell.type('unset HISTFILE; echo $((40 + 2)) begun\r')
  await shell.shows('42 begun')
  return shell
}

/** Sends a command again and again for some seconds, while the condition holds; resolves with the milliseconds of each acknowledgement, sorted. */
async function sendCommands({ say }: KillsEnvironment, seconds: number, holds: () => boolean): Promise<number[]> {
  const times: number[] = []
  for (const end = performance.now() + 1_000 * seconds; performance.now() < end && holds(); ) {
    const since = performance.now()
    await say('sessions')
    times.push(Math.round(performance.now() - since))
    await delay(commandMs)
  }
  return times.toSorted((one, other) => one - other)
}

/** Kills Redis while shells print, until their sessions have ended; adds what was shown and isn't recorded. */
async function storeAway(
  environment: KillsEnvironment,
  random: Random,
  violations: string[],
): Promise<{ endedMs: number; shownBytes: number }> {
  const { redis, verifyRecording } = environment
  const shells: ShellClient[] = []
  for (let at = 0; at < shellsAway; at += 1) shells.push(await openShell(environment))
  for (const shell of shells) shell.type('while :; do echo "tick $((++i))"; sleep 0.005; done\r')
  await delay(random.between(300, 2_000))
  await redis.stop('SIGKILL')
  const since = performance.now()
  await delay(onTheWayMs)
  const before = shownBy(shells)
  await Promise.race(shells.map((shell) => farewellOf(shell)))
  const endedMs = Math.round(performance.now() - since)
  for (const shell of shells) await farewellOf(shell)
  const shownBytes = shownBy(shells) - before
  await redis.start()
  if (shownBytes > 0) violations.push(`${shownBytes} bytes were shown while Redis was away`)
  for (const shell of shells) {
    const recorded = await verifyRecording(shell.id)
    if ('mistake' in recorded) violations.push(`the recording of ${shell.id}: ${recorded.mistake}`)
    else if (recorded.bytes < shell.shown())
      violations.push(`${shell.shown()} bytes of ${shell.id} were shown, and ${recorded.bytes} are recorded`)
  }
  return { endedMs, shownBytes }
}
