import { shown } from '#test/fakes/slack/shown'
import type { ChaosEnvironment } from './environment.ts'
import { pause } from './fleet.ts'
import { inject } from './inject.ts'
import type { Kind } from './kinds.ts'
import { type SentCommand, sendCommand, tokenIn } from './load.ts'
import { nameOf, type Step } from './plan.ts'
import { randomOf } from './random.ts'
import { type Verdict, verify } from './verify.ts'

export type Outcome = {
  seed: number
  /** How many faults were to happen. */
  wanted: number
  /** How many faults of each kind happened. */
  injected: Record<string, number>
  /** Those that could not be made to happen: no process came to that point in time, no pod was there. */
  missed: string[]
  /** How many commands of each kind were sent. */
  sent: Partial<Record<Kind, number>>
  seconds: number
  verdict: Verdict
}

export type ChaosOptions = {
  seed: number
  /** Lists of steps that go on side by side, each step of a list after the one before. */
  plan: readonly (readonly Step[])[]
  /** How many of the plan have to happen; then it is over. */
  wanted: number
  say: (text: string) => void
}

/** Commands and faults side by side; then all comes to rest, and is looked at. */
export async function chaos(context: ChaosEnvironment, { seed, plan, wanted, say }: ChaosOptions): Promise<Outcome> {
  const begun = Date.now()
  const injected: Record<string, number> = {}
  const missed: string[] = []
  const asked: SentCommand[] = []
  const stop = new AbortController()
  const random = randomOf(seed + 1)
  const askOnce = async (kind?: Kind) => void asked.push(await sendCommand(context, random, kind))
  const asking = keepAsking(context, askOnce, stop.signal)
  asking.catch(() => undefined)
  let count = 0
  let tried = 0
  const take = async (step: Step) => {
    for (const fault of step) {
      // A fault of its own numbers, so that what one of them took doesn't change the next ones.
      const happened = await inject(context, fault, randomOf(seed * 1_000 + tried++), askOnce)
      const text = JSON.stringify(fault)
      if (happened) {
        injected[nameOf(fault)] = (injected[nameOf(fault)] ?? 0) + 1
        count += 1
      } else missed.push(text)
      say(`fault ${count} of ${wanted}: ${text}${happened ? '' : ' DID NOT HAPPEN'}, ${asked.length} commands`)
      if (happened) return
    }
  }
  const lists = plan.map(async (steps) => {
    for (const step of steps) if (count < wanted) await take(step)
  })
  // Where one fails, the others put right first what they broke.
  const ends = await Promise.allSettled(lists)
  stop.abort()
  for (const end of ends) if (end.status === 'rejected') throw end.reason
  await asking
  await Promise.all(asked.map(({ done }) => done))
  await context.fleet.ready()
  say(`${asked.length} commands; waiting until all is at rest`)
  const verdict = await verify(context, asked)
  const sent: Outcome['sent'] = {}
  for (const { kind } of asked) sent[kind] = (sent[kind] ?? 0) + 1
  return { seed, wanted, injected, missed, sent, seconds: Math.round((Date.now() - begun) / 1_000), verdict }
}

async function keepAsking(context: ChaosEnvironment, askOnce: () => Promise<void>, signal: AbortSignal): Promise<void> {
  const { askIntervalMs, mostInProgress } = context.pace
  while (!signal.aborted) {
    await askOnce()
    do await pause(askIntervalMs)
    while (!signal.aborted && inProgress(context) > mostInProgress)
  }
}

/** As far as the chat shows: commands whose message still has its button to cancel, and which no second message tells the end of. */
function inProgress({ slack }: ChaosEnvironment): number {
  const messages = slack.state.messages.map((message) => ({
    token: tokenIn(shown(message)),
    open: JSON.stringify(message.blocks).includes('"cancel"'),
  }))
  const over = new Set(messages.filter(({ open }) => !open).map(({ token }) => token))
  return messages.filter(({ token, open }) => open && !over.has(token)).length
}

/** What must not have been; empty where all went well. */
export function complaints({ verdict }: Outcome): string[] {
  const { lost, doubled, runTwice, strange, wrongOutput, leftPods, audit } = verdict
  const lists = { lost, doubled, runTwice, strange, wrongOutput, leftPods, audit }
  return Object.entries(lists).flatMap(([name, list]) => list.map((each) => `${name}: ${each}`))
}
