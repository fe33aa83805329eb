import { idlePod, removePod } from '#test/bench/peers'
import { shown } from '#test/fakes/slack/shown'
import type { TestCluster } from '#test/real/test-cluster'
import { pause } from './fleet.ts'
import { type House, openHouse } from './house.ts'
import { inject } from './inject.ts'
import type { Kind } from './kinds.ts'
import { type Asked, ask, chaosPod, tokenIn } from './load.ts'
import type { Fault } from './plan.ts'
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
  seconds: number
  verdict: Verdict
}

export type ChaosOptions = {
  cluster: TestCluster
  seed: number
  plan: readonly Fault[]
  /** How many of the plan have to happen; then it is over. */
  wanted: number
  /** Where the logs of all processes go. */
  folder: string
  say: (text: string) => void
}

/** Runs that may be under way before no more are asked for: what is tested is what breaks, not how much there can be. */
const mostUnderWay = 30

/** Commands and faults side by side, each fault after the one before; then all comes to rest, and is looked at. */
export async function chaos({ cluster, seed, plan, wanted, folder, say }: ChaosOptions): Promise<Outcome> {
  const begun = Date.now()
  const house = await openHouse(cluster, folder)
  try {
    await idlePod(cluster, chaosPod)
    const injected: Record<string, number> = {}
    const missed: string[] = []
    const asked: Asked[] = []
    const stop = new AbortController()
    const random = randomOf(seed + 1)
    const askOnce = async (kind?: Kind) => void asked.push(await ask(house, random, asked.length + 1, kind))
    const asking = keepAsking(house, askOnce, stop.signal)
    let count = 0
    for (const [at, fault] of plan.entries()) {
      if (count === wanted) break
      // A fault of its own numbers, so that what one of them took doesn't change the next ones.
      const happened = await inject(house, fault, randomOf(seed * 1_000 + at), askOnce)
      if (happened) {
        injected[kindOf(fault)] = (injected[kindOf(fault)] ?? 0) + 1
        count += 1
      } else missed.push(JSON.stringify(fault))
      say(
        `fault ${count} of ${wanted}: ${JSON.stringify(fault)}${happened ? '' : ' DID NOT HAPPEN'}, ${asked.length} commands`,
      )
    }
    stop.abort()
    await asking
    await Promise.all(asked.map(({ done }) => done))
    await house.fleet.ready()
    say(`${asked.length} commands; waiting until all is at rest`)
    const verdict = await verify(house, asked)
    return { seed, wanted, injected, missed, seconds: Math.round((Date.now() - begun) / 1_000), verdict }
  } finally {
    await removePod(cluster, chaosPod).catch(() => undefined)
    await house.close()
  }
}

async function keepAsking(house: House, askOnce: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await askOnce()
    do await pause(250)
    while (!signal.aborted && underWay(house) > mostUnderWay)
  }
}

/** As far as the chat shows: commands whose message still has its button to cancel, and which no second message tells the end of. */
function underWay({ slack }: House): number {
  const messages = slack.state.messages.map((message) => ({
    token: tokenIn(shown(message)),
    open: JSON.stringify(message.blocks).includes('"cancel"'),
  }))
  const over = new Set(messages.filter(({ open }) => !open).map(({ token }) => token))
  return messages.filter(({ token, open }) => open && !over.has(token)).length
}

function kindOf(fault: Fault): string {
  if (fault.kind === 'kill') return `${fault.role} killed`
  return fault.kind === 'chat answers badly' ? `chat: ${fault.how}` : fault.kind
}

/** What must not have been; empty where all went well. */
export function complaints({ verdict }: Outcome): string[] {
  const { lost, doubled, runTwice, strange, wrongOutput, leftPods, audit } = verdict
  const lists = { lost, doubled, runTwice, strange, wrongOutput, leftPods, audit }
  return Object.entries(lists).flatMap(([name, list]) => list.map((each) => `${name}: ${each}`))
}
