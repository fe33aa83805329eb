import { type TraceStep, traceSteps } from '#core/runs/trace-steps'
import { type CommandKind, commandKinds } from './kinds.ts'
import type { Random } from './random.ts'

/** A fault that is injected. */
export type Fault =
  /** `command`: the kind of command whose handling reaches this point. */
  | { kind: 'kill'; role: 'bot' | 'worker'; command: CommandKind; step: TraceStep; side: 'before' | 'after' }
  | { kind: 'redis killed' | 'redis restarted'; durationMs: number }
  | { kind: 'API server killed'; durationMs: number }
  | { kind: 'connections cut'; afterBytes: number }
  | { kind: 'kubelet stopped'; node: Node; durationMs: number }
  | { kind: 'containerd killed'; node: Node }
  | { kind: 'pod deleted' }
  | { kind: 'clock jumped'; offsetMs: number; durationMs: number }
  | { kind: 'chat fails'; failure: ChatFailure; durationMs: number }
  | { kind: 'rolling restart' }

export type Node = 'node001' | 'node002'
export const nodes: readonly Node[] = ['node001', 'node002']

/** Ways in which a chat platform fails. `reply-lost`: it handles the call, but its answer is lost. */
const chatFailures = ['rate-limited', 'error', 'html', 'cut', 'slow', 'never', 'reply-lost'] as const
type ChatFailure = (typeof chatFailures)[number]

type OtherKind = Exclude<Fault['kind'], 'kill'>

/** Percentages of the faults that aren't kills. */
const shares: Record<OtherKind, number> = {
  'redis killed': 10,
  'redis restarted': 6,
  'API server killed': 8,
  'connections cut': 24,
  'kubelet stopped': 8,
  'containerd killed': 8,
  'pod deleted': 8,
  'clock jumped': 10,
  'chat fails': 16,
  'rolling restart': 2,
}

/** Faults of one kind, of which one has to be injected: the next is tried if the one before could not be. */
export type FaultAttempts = readonly Fault[]

/** Returns the name by which a fault is counted. */
export function faultName(fault: Fault): string {
  if (fault.kind === 'kill') return `${fault.role} killed`
  return fault.kind === 'chat fails' ? `chat: ${fault.failure}` : fault.kind
}

/** Returns random faults, the same for the same seed. Every point at which a process can be killed comes once before any comes again. */
export function planFaults(count: number, random: Random): Fault[] {
  const points = [...allKills()]
  const kinds = Object.entries(shares).flatMap(([kind, share]) =>
    Array.from({ length: share }, () => kind as OtherKind),
  )
  let [killsLeft, kindsLeft]: [Fault[], OtherKind[]] = [[], []]
  const next = <T>(left: T[], all: readonly T[]): T[] => (left.length === 0 ? random.shuffled(all) : left)
  return Array.from({ length: count }, (_each, at) => {
    // Three of five are kills, as surviving these depends most on the program itself.
    if (at % 5 < 3) {
      killsLeft = next(killsLeft, points)
      return killsLeft.pop() ?? otherFault('pod deleted', random)
    }
    kindsLeft = next(kindsLeft, kinds)
    return otherFault(kindsLeft.pop() ?? 'pod deleted', random)
  })
}

/** Steps that not every command reaches: those of refused commands, of taken-over ones, and of either cold or warm starts only. */
const rareSteps: ReadonlySet<TraceStep> = new Set<TraceStep>([
  ...(['dry-run', 'inbox.take-over', 'dequeue'] as const),
  ...(['create-container', 'container-start', 'exec-open', 'exec-begin'] as const),
])

/** Number of points at which a kill is tried. */
const maxAttempts = 4

/** Shortens the durations of faults that all have to be injected within seconds: a factor, and a minimum. */
const short = { factor: 0.4, minMs: 300 }

/**
 * Plans each kind of fault once, except rolling restarts, and the kill of a bot once for each kind of command. Returns three lists, which
 * are injected concurrently: faults of the processes and Redis, of the cluster, and of the chat. Processes are killed last, when the API
 * server is back, as most of their steps need it.
 */
export function planEveryKind(random: Random): FaultAttempts[][] {
  const points = [...allKills()].filter(({ step }) => !rareSteps.has(step))
  const kill = (matches: (point: (typeof points)[number]) => boolean): FaultAttempts =>
    random.shuffled(points.filter(matches)).slice(0, maxAttempts)
  const bots = commandKinds.map((kind) => kill(({ role, command }) => role === 'bot' && command === kind))
  const workers = kill(({ role }) => role === 'worker')
  const one = (kind: OtherKind): FaultAttempts => [shortened(otherFault(kind, random))]
  const chat = random
    .shuffled(chatFailures)
    .map(
      (failure): FaultAttempts => [
        shortened({ kind: 'chat fails', failure, durationMs: random.between(1_000, 4_000) }),
      ],
    )
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
  if (!('durationMs' in fault)) return fault
  return { ...fault, durationMs: Math.max(short.minMs, Math.round(fault.durationMs * short.factor)) }
}

function* allKills(): Generator<Fault & { kind: 'kill' }> {
  const points = [
    ...[
      { role: 'bot', command: 'shell', steps: traceSteps.bot } as const,
      { role: 'worker', command: 'shell', steps: traceSteps.worker } as const,
    ],
    ...(['approval', 'cancel', 'withdraw', 'fan-out'] as const).map((command) => ({
      role: 'bot' as const,
      command,
      steps: traceSteps[command],
    })),
  ]
  for (const { role, command, steps } of points)
    for (const step of steps)
      for (const side of ['before', 'after'] as const) yield { kind: 'kill', role, command, step, side }
}

function otherFault(kind: OtherKind, random: Random): Fault {
  switch (kind) {
    case 'redis killed':
    case 'redis restarted':
      return { kind, durationMs: random.between(0, 2_000) }
    case 'API server killed':
      return { kind, durationMs: random.between(0, 2_000) }
    case 'connections cut':
      return { kind, afterBytes: random.between(0, 200_000) }
    case 'kubelet stopped':
      return { kind, node: random.pick(nodes), durationMs: random.between(500, 4_000) }
    case 'containerd killed':
      return { kind, node: random.pick(nodes) }
    case 'clock jumped':
      return {
        kind,
        offsetMs: random.pick([-3_600_000, -600_000, 600_000, 3_600_000]),
        durationMs: random.between(2_000, 6_000),
      }
    case 'chat fails':
      return { kind, failure: random.pick(chatFailures), durationMs: random.between(1_000, 4_000) }
    case 'pod deleted':
    case 'rolling restart':
      return { kind }
  }
}
