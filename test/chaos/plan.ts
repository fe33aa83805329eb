import { type TraceStep, traceSteps } from '#core/runs/trace-steps'
import { type Kind, kinds } from './kinds.ts'
import type { Random } from './random.ts'

/** What goes wrong. Times in milliseconds. */
export type Fault =
  /** `asks`: the kind of command that comes to this point. */
  | { kind: 'kill'; role: 'bot' | 'worker'; asks: Kind; hop: TraceStep; side: 'before' | 'after' }
  | { kind: 'redis killed' | 'redis restarted'; away: number }
  | { kind: 'API server killed'; away: number }
  | { kind: 'connections cut'; afterBytes: number }
  | { kind: 'kubelet stopped'; node: Node; away: number }
  | { kind: 'containerd killed'; node: Node }
  | { kind: 'pod deleted' }
  | { kind: 'clock jumped'; by: number; away: number }
  | { kind: 'chat answers badly'; how: Badly; away: number }
  | { kind: 'rolling restart' }

export type Node = 'node001' | 'node002'
export const nodes: readonly Node[] = ['node001', 'node002']

/** How a chat platform fails; `unheard` takes the call and loses the answer. */
export const badly = ['rate-limited', 'error', 'html', 'cut', 'slow', 'never', 'unheard'] as const
export type Badly = (typeof badly)[number]

type Other = Exclude<Fault['kind'], 'kill'>

/** Of a hundred faults that aren't kills. */
const shares: Record<Other, number> = {
  'redis killed': 10,
  'redis restarted': 6,
  'API server killed': 8,
  'connections cut': 24,
  'kubelet stopped': 8,
  'containerd killed': 8,
  'pod deleted': 8,
  'clock jumped': 10,
  'chat answers badly': 16,
  'rolling restart': 2,
}

/** Faults of one kind, of which one has to happen: the next is tried where the one before could not be made to happen. */
export type Step = readonly Fault[]

/** What a fault counts as. */
export function nameOf(fault: Fault): string {
  if (fault.kind === 'kill') return `${fault.role} killed`
  return fault.kind === 'chat answers badly' ? `chat: ${fault.how}` : fault.kind
}

/** The same faults in the same order for the same seed. Every point at which a process can be killed comes before any comes again. */
export function planOf(count: number, random: Random): Fault[] {
  const points = [...allKills()]
  const kinds = Object.entries(shares).flatMap(([kind, share]) => Array.from({ length: share }, () => kind as Other))
  let [killsLeft, kindsLeft]: [Fault[], Other[]] = [[], []]
  const next = <T>(left: T[], all: readonly T[]): T[] => (left.length === 0 ? random.shuffled(all) : left)
  return Array.from({ length: count }, (_each, at) => {
    // Three of five are kills: the more a fault is in our hands to survive, the more often it comes.
    if (at % 5 < 3) {
      killsLeft = next(killsLeft, points)
      return killsLeft.pop() ?? otherFault('pod deleted', random)
    }
    kindsLeft = next(kindsLeft, kinds)
    return otherFault(kindsLeft.pop() ?? 'pod deleted', random)
  })
}

/** What not every command comes to: one that is refused, one of a dead bot, one whose container stands ready or doesn't. */
const seldom: ReadonlySet<TraceStep> = new Set<TraceStep>([
  ...(['dry-run', 'inbox.take-over', 'dequeue'] as const),
  ...(['create-container', 'container-start', 'exec-open', 'exec-begin'] as const),
])

/** Points at which a kill is tried before it is given up. */
const tries = 4

/** Part of a fault's own time for which it lasts where all have to happen within some seconds, and its least in milliseconds. */
const brief = { part: 0.4, least: 300 }

/**
 * Each kind of fault once, a bot's death once over each kind of command; a rolling restart is none of them. Three lists, which go on side
 * by side: what happens to processes of ours and to Redis, to the cluster, and to the chat. Processes die when the API server is back:
 * most of their steps ask it something.
 */
export function everyKind(random: Random): Step[][] {
  const points = [...allKills()].filter(({ hop }) => !seldom.has(hop))
  const kill = (own: (point: (typeof points)[number]) => boolean): Step =>
    random.shuffled(points.filter(own)).slice(0, tries)
  const bots = kinds.map((kind) => kill(({ role, asks }) => role === 'bot' && asks === kind))
  const workers = kill(({ role }) => role === 'worker')
  const one = (kind: Other): Step => [shortened(otherFault(kind, random))]
  const chat = random
    .shuffled(badly)
    .map((how): Step => [shortened({ kind: 'chat answers badly', how, away: random.between(1_000, 4_000) })])
  return [
    [
      ...random.shuffled(['redis killed', 'redis restarted', 'clock jumped'] as const).map(one),
      ...random.shuffled([...bots, workers]),
    ],
    [
      one('API server killed'),
      ...random.shuffled(['connections cut', 'containerd killed', 'pod deleted', 'kubelet stopped'] as const).map(one),
    ],
    chat,
  ]
}

function shortened(fault: Fault): Fault {
  return 'away' in fault ? { ...fault, away: Math.max(brief.least, Math.round(fault.away * brief.part)) } : fault
}

function* allKills(): Generator<Fault & { kind: 'kill' }> {
  const points = [
    ...[
      { role: 'bot', asks: 'shell', names: traceSteps.bot } as const,
      { role: 'worker', asks: 'shell', names: traceSteps.worker } as const,
    ],
    ...(['approval', 'cancel', 'withdraw', 'fan-out'] as const).map((asks) => ({
      role: 'bot' as const,
      asks,
      names: traceSteps[asks],
    })),
  ]
  for (const { role, asks, names } of points)
    for (const hop of names)
      for (const side of ['before', 'after'] as const) yield { kind: 'kill', role, asks, hop, side }
}

function otherFault(kind: Other, random: Random): Fault {
  switch (kind) {
    case 'redis killed':
    case 'redis restarted':
      return { kind, away: random.between(0, 2_000) }
    case 'API server killed':
      return { kind, away: random.between(0, 2_000) }
    case 'connections cut':
      return { kind, afterBytes: random.between(0, 200_000) }
    case 'kubelet stopped':
      return { kind, node: random.pick(nodes), away: random.between(500, 4_000) }
    case 'containerd killed':
      return { kind, node: random.pick(nodes) }
    case 'clock jumped':
      return { kind, by: random.pick([-3_600_000, -600_000, 600_000, 3_600_000]), away: random.between(2_000, 6_000) }
    case 'chat answers badly':
      return { kind, how: random.pick(badly), away: random.between(1_000, 4_000) }
    case 'pod deleted':
    case 'rolling restart':
      return { kind }
  }
}
