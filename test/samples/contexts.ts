import type { Message } from '#core/messages/message'
import type { ThreadRef } from '#core/messages/thread-ref'
import type { AccountRef, Principal } from '#core/people/principal'
import type { ChatAdapter } from '#core/ports/chat'
import type { NodeInfo, PodInfo } from '#core/request/target'
import type { Run } from '#core/runs/run'
import { type Timing, timingWith } from '#core/util/default-timings'
import { hashOf } from '#src/app/hash-of-value'
import { checkReaders, playbooks } from '#src/app/playbooks'
import { knownNames, toRules } from '#src/app/policy-file'
import type { CommandContext } from '#src/bot/command-context'
import type { BotContext, Rules } from '#src/bot/context'
import { parseAndHandle } from '#src/bot/inbox/parse-and-handle'
import { readTyped } from '#src/command/command-text-and-tokens'
import { parseConfig } from '#src/config/load'
import { createAuditContext } from '#src/lifecycle/audit-writer'
import type { SharedContext } from '#src/lifecycle/shared-context'
import { catalogue } from '#src/tools/index'
import type { WorkerContext } from '#src/worker/context'
import { createRunExecutor } from '#src/worker/runs/execute-run'
import { expectValid } from '#test/config/expect-valid'
import { memoryArtifacts } from '#test/fakes/artifacts'
import { memoryAuditLog } from '#test/fakes/audit-log'
import { memoryChat } from '#test/fakes/chat'
import { fakeClock } from '#test/fakes/clock'
import { fakeCluster, type Tools } from '#test/fakes/cluster'
import { memoryDirectory } from '#test/fakes/directory'
import { memoryImages } from '#test/fakes/images'
import { memoryCommands, memoryInbox } from '#test/fakes/inbox'
import { memoryCancelBus, memoryQueue } from '#test/fakes/queue'
import { memorySessions } from '#test/fakes/sessions'
import { memoryStore } from '#test/fakes/store'
import { memoryTerminalBus } from '#test/fakes/terminal-bus'

/**
 * Alice may probe, and run `drill` and change nodes once Bob or Carol has approved it; Bob and Carol may do that too;
 * Dave may do nothing.
 */
export const samplePolicy = (rule = '') => `
groups: { leads: [bob@example.com, carol@example.com] }
capabilitySets:
  probe: { tools: [ping, dig, curl] }
  guarded: { tools: [drill], approval: { from: ['group:leads']${rule === '' ? '' : `, ${rule}`} } }
  host-write: { tools: ['*'], capabilities: [SYS_CHROOT], host: { filesystem: read-write, pid: true }, effect: write, approval: { from: ['group:leads'] } }
grants:
  - { to: [alice@example.com, 'group:leads'], sets: [probe, guarded, host-write], on: [{ nodes: '*' }, { namespaces: '*' }] }
`

/** Returns the rules of a policy, and of further settings of `retina.yaml`. */
function rulesOf(policy = samplePolicy(), more = ''): Rules {
  const shell = /^shell:/m.test(more) ? '' : 'shell: { keep: off, keepInPods: off }'
  const chats = "slack: { mode: http }\ncontact: '#platform'\nconfirm: { url: 'https://bot.example' }"
  const accounts = 'directory: { people: { bob@example.com: [slack:user/T/bob] } }'
  const env = {
    SLACK_BOT_TOKEN: 'xoxb-1',
    SLACK_SIGNING_SECRET: 's',
    RETINA_SHELL_IMAGE_REPO: 'shell',
    RETINA_SHELL_IMAGE_VERSION: 'v1',
  }
  const text = `clusters: [{ name: dev }]\n${shell}\n${chats}\n${accounts}\n${more}\n${policy}`
  return toRules(expectValid(parseConfig(text, env, knownNames())).config)
}

const principal = (name: string, groups: readonly string[] = []): Principal & { user: string } => {
  const id = `${name.toLowerCase()}@example.com`
  return { id, name, groups: [`slack:user/T/${name.toLowerCase()}`, ...groups], user: name.toLowerCase() }
}

const people = [
  principal('Alice'),
  principal('Bob', ['group:leads']),
  principal('Carol', ['group:leads']),
  principal('Dave'),
]

/** Returns the account of a person in the sample chat. */
export const accountOf = (user: string): AccountRef => ({ platform: 'slack', team: 'T', user })

/** The channel in which people type, and the one in which approvers are told. */
export const sampleChannel: ThreadRef = { platform: 'slack', team: 'T', channel: 'C' }

const sampleTools: Tools = {
  dig: () => [{ out: '10.0.0.1\n' }],
  drill: () => [{ out: '10.0.0.2\n' }],
  ping: (argv) => [{ out: `pinged ${argv.at(-1)}\n` }],
  curl: () => [{ err: 'could not connect\n' }, { end: { reason: 'failed', exitCode: 7 } }],
}

export type ContextOptions = {
  /** Text of the policy, in the format of `retina.yaml`. */
  policy?: string
  /** Further settings of `retina.yaml`. */
  more?: string
  tools?: Tools
  nodes?: readonly NodeInfo[]
  pods?: readonly PodInfo[]
  timing?: Partial<Timing>
  limits?: Partial<ChatAdapter['limits']>
}

/** Options of a typed command. */
export type Typed = { id?: string; thread?: ThreadRef; isRetry?: boolean; threaded?: boolean; opensThread?: true }

/** Opens a bot and a worker over the same stand-ins, without servers and without waiting for time. */
export function openContexts(options: ContextOptions = {}) {
  const clock = fakeClock()
  const store = memoryStore(clock)
  const audit = memoryAuditLog()
  const chat = memoryChat('slack', options.limits)
  const directory = memoryDirectory(people)
  const queue = memoryQueue()
  const cancelBus = memoryCancelBus()
  const sessions = memorySessions(clock)
  const images = memoryImages()
  const terminalBus = memoryTerminalBus()
  const artifacts = memoryArtifacts(clock)
  const commands = memoryCommands(clock)
  const cluster = fakeCluster('dev', { ...sampleTools, ...options.tools }, options.nodes, options.pods)
  const logged: { level: string; message: string; fields: object }[] = []
  const logAt = (level: string) => (fields: object, message: string) => void logged.push({ level, message, fields })
  const settings = { rules: rulesOf(options.policy, options.more) }
  const counted: string[] = []
  const observed: { started: number[]; ended: string[]; pastHalfTime: number[] } = {
    ...{ started: [], ended: [], pastHalfTime: [] },
  }

  const shared: SharedContext = {
    ...{ directory, catalogue, queue, store, sessions, cancelBus, images, hash: hashOf, now: clock.now },
    ...{ playbooks: () => playbooks, checkReaders },
    adapters: new Map([['slack', chat]]),
    clusters: new Map([['dev', cluster]]),
    rules: () => settings.rules,
    resolveDestinations: async (destinations) => destinations,
    log: { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') },
    span: (_run, _step, work) => work(),
    // The clock stands still: what waits for it gives up at once.
    timing: timingWith({ revalidateTimeoutMs: 0, endingRetryMs: 1, saveRetryMs: 1, ...options.timing }),
    ...createAuditContext({ log: audit, now: clock.now, rules: () => settings.rules }),
  }
  const bot: BotContext = {
    ...shared,
    version: '1.2.3',
    rules: () => settings.rules,
    inbox: memoryInbox(commands),
    terminalBus,
    artifacts,
    count: (name) => void counted.push(name),
    readAuditBack: audit.readBack,
    countAlert: (event) => void counted.push(`alert ${event}`),
  }
  const worker: WorkerContext = {
    ...shared,
    renderChart: async () => new Uint8Array([1, 2, 3]),
    renderHeatTable: async () => new Uint8Array([1, 2, 3]),
    observeStart: (seconds) => void observed.started.push(seconds),
    observeEnd: (reason) => void observed.ended.push(reason),
    observeApprovals: (count) => void observed.pastHalfTime.push(count),
  }

  let serial = 0
  const steps = new Map<string, unknown>()
  /** Creates the context of a command that a person types; `replies`: what they are answered. */
  const typed = (user: string, text: string, change: Typed = {}) => {
    serial += 1
    const { id = `command${serial}`, thread = sampleChannel, threaded = false, opensThread } = change
    const person = directory.people.get(user)
    if (person === undefined) throw new Error(`nobody is called ${user}`)
    const replies: Message[] = []
    let saved = false
    const ctx: CommandContext = {
      ...{ id, person, threaded, source: { kind: 'typed' } },
      ...{ at: clock.now().toISOString(), typed: readTyped(text, false) },
      inbound: {
        ...{ account: accountOf(user), text, thread, key: id, at: clock.now().toISOString() },
        ...(opensThread === undefined ? {} : { opensThread }),
      },
      async reply(message, toPerson) {
        replies.push(message)
        return toPerson === undefined
          ? chat.post(thread, message)
          : chat.postEphemeral(thread, accountOf(user), message)
      },
      async once(step, work) {
        const key = `${id} ${step}`
        if (!steps.has(key)) steps.set(key, await work())
        return steps.get(key) as never
      },
      markSaved() {
        saved = true
      },
    }
    return { ctx, replies, isSaved: () => saved }
  }
  /** Handles a typed command; resolves with what the person is answered. */
  const say = async (user: string, text: string, change: Typed = {}): Promise<readonly Message[]> => {
    const { ctx, replies } = typed(user, text, change)
    await parseAndHandle(bot, ctx, change.isRetry ?? false)
    return replies
  }
  /** Lets a worker execute the next run of the queue, and deliver its result; resolves with the run. */
  const work = async (): Promise<Run> => {
    const run = await store.run((await queue.take()) ?? '')
    if (run === undefined || run === 'broken') throw new Error('no run waits')
    const executor = createRunExecutor(worker)
    await executor.run(run)
    await executor.delivered()
    return saved(run.id)
  }
  /** Returns a stored run, which has to be there. */
  const saved = async (id: string): Promise<Run> => {
    const run = await store.run(id)
    if (run === undefined || run === 'broken') throw new Error(`run ${id} is ${run ?? 'missing'}`)
    return run
  }
  return {
    ...{
      bot,
      worker,
      clock,
      store,
      audit,
      chat,
      directory,
      queue,
      cancelBus,
      sessions,
      images,
      commands,
      cluster,
      terminalBus,
      artifacts,
    },
    ...{ settings, counted, observed, logged, typed, say, work, saved },
    /** Returns the audit records, each as its kind, its run and the person. */
    recorded: () => audit.records.map(({ what, run, person }) => `${what} ${run} ${person}`),
    /** Returns the details of the last record of a kind. */
    details: (what: string) => audit.records.findLast((record) => record.what === what)?.details,
    /** Returns the log lines of a level. */
    lines: (level: string) => logged.filter((line) => line.level === level).map(({ message }) => message),
  }
}
