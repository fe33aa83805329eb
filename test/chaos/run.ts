import { delay } from '#core/util/delay'
import { inChannels, shown } from '#test/fakes/slack/shown'
import type { ChaosEnvironment } from './environment.ts'
import { inject } from './inject.ts'
import type { CommandKind } from './kinds.ts'
import { type SentCommand, sendCommand, tokenIn } from './load.ts'
import { type FaultAttempts, faultName } from './plan.ts'
import { seededRandom } from './random.ts'
import { type Verdict, verdictMistakes, verify } from './verify.ts'

export type Outcome = {
  seed: number
  /** Number of faults that had to be injected. */
  wanted: number
  /** Number of injected faults, by name. */
  injected: Record<string, number>
  /** Faults that could not be injected, as JSON: no process reached the point in time, or there was no pod. */
  missed: string[]
  /** Number of commands that were sent, by kind. */
  sent: Partial<Record<CommandKind, number>>
  seconds: number
  verdict: Verdict
}

export type ChaosOptions = {
  seed: number
  /** Lists of faults that are worked through concurrently, each list in its order. */
  plan: readonly (readonly FaultAttempts[])[]
  /** Number of faults after which the run ends. */
  wanted: number
  log: (text: string) => void
}

/** Sends commands and injects faults concurrently; then waits until all runs have ended, and checks the results. */
export async function runChaos(context: ChaosEnvironment, { seed, plan, wanted, log }: ChaosOptions): Promise<Outcome> {
  const begun = Date.now()
  const injected: Record<string, number> = {}
  const missed: string[] = []
  const commands: SentCommand[] = []
  const stop = new AbortController()
  const random = seededRandom(seed + 1)
  const sendOne = async (kind?: CommandKind) => void commands.push(await sendCommand(context, random, kind))
  const sending = sendUntilAborted(context, sendOne, stop.signal)
  sending.catch(() => undefined)
  let count = 0
  let attempts = 0
  const injectFirstPossible = async (faults: FaultAttempts) => {
    for (const fault of faults) {
      // Each fault has its own random numbers, so that those that it uses don't change the next faults.
      const happened = await inject(context, fault, seededRandom(seed * 1_000 + attempts++), sendOne)
      const text = JSON.stringify(fault)
      if (happened) {
        injected[faultName(fault)] = (injected[faultName(fault)] ?? 0) + 1
        count += 1
      } else missed.push(text)
      log(`fault ${count} of ${wanted}: ${text}${happened ? '' : ' NOT INJECTED'}, ${commands.length} commands`)
      if (happened) return
    }
  }
  const lists = plan.map(async (list) => {
    for (const faults of list) if (count < wanted) await injectFirstPossible(faults)
  })
  // If one list fails, the others first undo their faults.
  const results = await Promise.allSettled(lists)
  stop.abort()
  for (const result of results) if (result.status === 'rejected') throw result.reason
  await sending
  await Promise.all(commands.map(({ done }) => done))
  await context.fleet.ready()
  log(`${commands.length} commands; waiting until all runs have ended`)
  const verdict = await verify(context, commands)
  const sent: Outcome['sent'] = {}
  for (const { kind } of commands) sent[kind] = (sent[kind] ?? 0) + 1
  return { seed, wanted, injected, missed, sent, seconds: Math.round((Date.now() - begun) / 1_000), verdict }
}

/** Sends commands at the environment's pace until the signal is aborted. */
export async function sendUntilAborted(
  context: ChaosEnvironment,
  sendOne: () => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const { commandIntervalMs, maxInProgress } = context.pace
  while (!signal.aborted) {
    await sendOne()
    do await delay(commandIntervalMs)
    while (!signal.aborted && countInProgress(context) > maxInProgress)
  }
}

/** Counts the commands in progress, by the chat: their message still has a cancel button, and no second message reports their end. */
function countInProgress({ slack }: ChaosEnvironment): number {
  const messages = inChannels(slack.state.messages).map((message) => ({
    token: tokenIn(shown(message)),
    open: JSON.stringify(message.blocks).includes('"cancel"'),
  }))
  const ended = new Set(messages.filter(({ open }) => !open).map(({ token }) => token))
  return messages.filter(({ token, open }) => open && !ended.has(token)).length
}

/** Returns everything that must not have happened, one line each; empty if there was nothing. */
export function violations({ verdict }: Outcome): string[] {
  return verdictMistakes(verdict)
}
