import { consoleAdapter } from '#adapters/console/index'
import { toMessage } from '#adapters/slack/blocks'
import { toCard } from '#adapters/teams/cards'
import { webAdapter } from '#adapters/web/index'
import type { Notice } from '#core/notice'
import type { ChatAdapter, Directory, Log } from '#core/ports'
import type { Platform } from '#core/request'
import { onAction } from './bot/on-action.ts'
import { onCommand } from './bot/on-command.ts'
import { onQuestion } from './bot/on-question.ts'
import type { Config } from './config.ts'
import { type AskPlatform, openDirectory } from './directory/directory.ts'
import { type Entra, openEntra } from './directory/entra.ts'
import { UserError } from './errors.ts'
import { type Check, type HttpServer, httpServer } from './http.ts'
import { openMetrics } from './metrics.ts'
import { openPages } from './open-pages.ts'
import { type OpenCluster, openParts, type Parts, type Role } from './parts.ts'
import { botHouse, followPolicy, type Rulebook, recordPolicy, workerHouse } from './rulebook.ts'
import { openUnderWay } from './under-way.ts'
import { lookAfter } from './worker/look-after.ts'
import { onRun } from './worker/on-run.ts'
import { sweep } from './worker/sweep.ts'

export type Running = {
  /** Port of health, metrics and webhooks. */
  port: number
  /** Address of the web door, where there is one. */
  web?: string
  /** Takes nothing new, waits for the runs under way, and closes everything. */
  stop: () => Promise<void>
}

/** Milliseconds between two looks after what was left behind. */
const sweepInterval = 15_000

/** Milliseconds in which commands that were taken can still be brought into the queue, and endings told, when the program stops. */
const bringInPatience = 20_000

const unsealed =
  'RETINA_SEAL_KEY is not set: whoever can write to Redis can make workers run something. Set it, the same for all processes.'

type Adapters = ReadonlyMap<Platform, ChatAdapter>

/** Starts the program in one role. Waits for Redis as long as it takes; throws `UserError` for what the owner has to put right. */
export async function start(options: {
  config: Config
  file: string
  role: Role
  log: Log
  openCluster?: OpenCluster
}): Promise<Running> {
  const { config, log } = options
  const metrics = openMetrics()
  const parts = openParts(config, log, options.openCluster, options.role)
  const rulebook = followPolicy(options.file, config, log)
  const checks: Check[] = [
    { name: 'Redis', check: parts.redisReady },
    ...[...parts.clusters].map(([name, cluster]) => ({ name: `cluster ${name}`, check: () => cluster.check() })),
  ]
  const http = httpServer({ checks, metrics, log })
  const closing = [parts.close, http.close, async () => rulebook.close()]
  const stop = async () => {
    for (const close of closing.splice(0).toReversed()) await close()
  }
  try {
    const web =
      config.web === undefined ? undefined : webAdapter({ ...config.web, board: parts.board, renderings, log })
    const entra = entraOf(config)
    const adapters = await doors(config, parts, http, log, { web, entra })
    for (const adapter of adapters.values()) checks.push({ name: adapter.platform, check: adapter.ready })
    if (entra !== undefined) checks.push({ name: 'Microsoft Entra', check: entra.check })
    // Health answers before Redis does, so that an orchestrator sees what is waited for.
    const port = await http.listen(config.http.host, config.http.port)
    await parts.redisReady()
    const directory = directoryOf(adapters, rulebook, log, entra)
    const whole = { ...parts, config, mount: http.mount, adapters, directory, log, metrics, rulebook }
    if (options.role !== 'bot') closing.push(openWorker(whole))
    if (options.role !== 'worker') closing.push(await openBot(whole))
    followInAudit(whole)
    if (config.secrets.sealKey === undefined) log.warn({}, unsealed)
    log.info({ role: options.role, port, doors: [...adapters.keys()] }, 'started')
    const address = web?.address()
    return { port, ...(address === undefined ? {} : { web: address }), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What other chats are sent, for the web door to show beside its own. */
const renderings = { slack: toMessage, teams: (notice: Notice) => toCard(notice) }

type Whole = Parts & {
  config: Config
  mount: HttpServer['mount']
  adapters: Adapters
  directory: Directory
  log: Log
  metrics: ReturnType<typeof openMetrics>
  rulebook: Rulebook
}

/** Which policy is in force when stands in the audit log. */
function followInAudit(whole: Whole): void {
  const record = () => {
    recordPolicy(whole, whole.rulebook).catch((error: unknown) =>
      whole.log.error({ error: String(error) }, 'a change of the policy could not be recorded'),
    )
  }
  record()
  whole.rulebook.onChange(record)
}

/** The way to close the doors. */
async function openBot(whole: Whole): Promise<() => Promise<void>> {
  const house = botHouse(whole)
  const { watched, settled } = openUnderWay()
  const command = onCommand(house)
  const inbox = {
    command: watched(command),
    action: watched(onAction(whole.store, command)),
    ask: onQuestion(house),
  }
  openPages(whole, house)
  for (const adapter of whole.adapters.values()) await adapter.listen(inbox)
  const gauge = setInterval(() => {
    whole.queue.counts().then(
      ({ waiting }) => whole.metrics.waiting(waiting),
      () => undefined,
    )
  }, 5_000)
  return async () => {
    clearInterval(gauge)
    for (const adapter of whole.adapters.values()) await adapter.close()
    // What was acknowledged is brought into the queue: nobody would send it again.
    await settled(bringInPatience)
  }
}

/** The way to drain the worker. */
function openWorker(whole: Whole): () => Promise<void> {
  const house = workerHouse(whole)
  const conductor = onRun(house)
  const worker = whole.work(conductor.run)
  const look = () => {
    sweep(house, conductor.tellLater).catch((error: unknown) =>
      whole.log.warn({ error: String(error) }, 'sweep failed; tried again soon'),
    )
  }
  look()
  const timer = setInterval(look, sweepInterval)
  const stopLooking = lookAfter(house)
  return async () => {
    clearInterval(timer)
    stopLooking()
    await worker.drain()
    await conductor.told(bringInPatience)
  }
}

/** Platforms' own packages take their time and memory: each is loaded only where there is such a door. */
async function doors(
  config: Config,
  parts: Parts,
  http: HttpServer,
  log: Log,
  { web, entra }: { web: ReturnType<typeof webAdapter> | undefined; entra: Entra | undefined },
): Promise<Adapters> {
  const list: ChatAdapter[] = [consoleAdapter({ board: parts.board, people: config.console?.people ?? [] })]
  if (web !== undefined) list.push(web)
  if (config.slack !== undefined) {
    const { slackBotToken: botToken, slackSigningSecret, slackAppToken } = config.secrets
    if (botToken === undefined) throw new UserError('missing-secret', 'The Slack door needs SLACK_BOT_TOKEN.')
    const { slackAdapter } = await import('#adapters/slack/index')
    list.push(
      slackAdapter({
        ...config.slack,
        botToken,
        ...(slackSigningSecret === undefined ? {} : { signingSecret: slackSigningSecret }),
        ...(slackAppToken === undefined ? {} : { appToken: slackAppToken }),
        mount: http.mount,
        log,
      }),
    )
  }
  if (config.teams !== undefined && entra !== undefined) {
    const { teamsAppSecret: secret } = config.secrets
    if (secret === undefined) throw new UserError('missing-secret', 'The Teams door needs TEAMS_APP_SECRET.')
    const { store } = parts
    const { teamsAdapter } = await import('#adapters/teams/index')
    const memory = { keep: (key: string, text: string) => store.keep(key, text), kept: store.kept }
    list.push(teamsAdapter({ ...config.teams, secret, memory, account: entra.account, mount: http.mount, log }))
  }
  return new Map(list.map((adapter) => [adapter.platform, adapter]))
}

/** Each platform says who its accounts are; those of Teams are Entra's. */
function directoryOf(adapters: Adapters, rulebook: Rulebook, log: Log, entra?: Entra): Directory {
  const platforms = new Map<Platform, AskPlatform>([...adapters].map(([name, { account }]) => [name, account]))
  if (entra !== undefined) platforms.set('teams', entra.account)
  return openDirectory({ platforms, known: rulebook.known, log })
}

function entraOf({ directory: { entra }, secrets }: Config): Entra | undefined {
  if (entra === undefined) return undefined
  const { entraClientSecret: clientSecret } = secrets
  if (clientSecret === undefined)
    throw new UserError('missing-secret', 'People of Microsoft Entra need ENTRA_CLIENT_SECRET.')
  const sleep = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds))
  return openEntra({ ...entra, clientSecret, now: Date.now, sleep })
}

/** Sends one command through the whole system as a person of the console door; resolves with the exit code. */
export async function runConsole(options: {
  config: Config
  file: string
  as: string
  text: string
  log: Log
  print: (text: string) => void
  signal: AbortSignal
}): Promise<number> {
  const { config, log, as } = options
  const people = config.console?.people ?? []
  const person = people.find((each) => each.id === as)
  if (person === undefined) throw new UserError('unknown-person', `The console door knows no "${as}".`)
  const parts = openParts(config, log)
  const rulebook = followPolicy(options.file, config, log)
  const door = consoleAdapter({ board: parts.board, people })
  try {
    await parts.redisReady()
    const { workers } = await parts.queue.counts()
    if (workers === 0) options.print('No worker is running: what is queued waits for one.')
    const adapters: Adapters = new Map([[door.platform, door]])
    const directory = directoryOf(adapters, rulebook, log)
    const house = botHouse({ ...parts, adapters, directory, log, metrics: openMetrics(), rulebook })
    const command = onCommand(house)
    await door.listen({ command, action: onAction(parts.store, command), ask: onQuestion(house) })
    return await door.send(person, options.text, options.print, options.signal)
  } finally {
    rulebook.close()
    await parts.close()
  }
}
