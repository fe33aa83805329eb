import type { ChatAdapter, Directory, Images, Log } from '#core/ports/chat'
import { lookUp } from '#core/request/destinations'
import type { Platform } from '#core/request/request'
import type { Timing } from '#core/util/timing'
import type { House, Rules } from '#src/bot/context'
import { chartPng } from '#src/charts/png'
import { type Config, loadConfig, remarkText } from '#src/config/load'
import type { DirectoryOptions } from '#src/identity/directory'
import type { Records } from '#src/lifecycle/audit-backfill'
import { type ImageSettings, registryImages } from '#src/registry/images'
import { catalogue } from '#src/tools/index'
import type { WorkerHouse } from '#src/worker/context'
import { addressesOf } from './dns.ts'
import { hashOf } from './hash.ts'
import type { Parts } from './infrastructure.ts'
import type { Metrics } from './metrics.ts'
import { version } from './version.ts'
import { watchPolicy } from './watch-file.ts'

/** What of the owner's file may change while the program runs. */
export type Rulebook = {
  rules: () => Rules
  /** What the file says of people. */
  known: DirectoryOptions['known']
  /** Digests, as the file has them or says where to ask for them. */
  images: Images
  /** Hash of everything that decides. */
  hash: () => string
  /** Calls back after each change. */
  onChange: (callback: () => void) => void
  close: () => void
}

/** Names that a policy may use, as of now. */
export function knownNames() {
  const talking = catalogue.names.filter((name) => catalogue.tool(name)?.reaches !== undefined)
  return { tools: catalogue.names, talking, now: new Date() }
}

/** The file's rules, read anew whenever it changes. */
export function followPolicy(file: string, config: Config, given: { log: Log; timing: Timing }): Rulebook {
  const load = () => {
    const loaded = loadConfig(file, process.env, knownNames())
    if ('mistakes' in loaded) return { wrong: loaded.mistakes.map((each) => remarkText(file, each)) }
    return { ok: contentOf(loaded.config) }
  }
  const callbacks: (() => void)[] = []
  const watched = watchPolicy(file, contentOf(config), load, { log: given.log, ...given.timing }, () => {
    for (const callback of callbacks) callback()
  })
  return {
    rules: () => watched.current().rules,
    known: () => watched.current().known,
    images: registryImages(() => watched.current().images, given.timing),
    hash: () => hashOf(watched.current()),
    onChange: (callback) => callbacks.push(callback),
    close: watched.close,
  }
}

function contentOf(config: Config) {
  return { rules: toRules(config), known: toKnown(config), images: toImageSettings(config) }
}

function toImageSettings({ shell }: Config): ImageSettings {
  const { repo, version, digest } = shell.image
  const { dockerConfig, insecure } = shell.registry
  return {
    pin: shell.pin,
    image: `${repo}:${version}`,
    insecure,
    ...(digest === undefined ? {} : { digest }),
    ...(dockerConfig === undefined ? {} : { dockerConfig }),
  }
}

function toKnown({ groups, directory: { people, outsiders } }: Config): ReturnType<Rulebook['known']> {
  return { groups, people, outsiders }
}

function toRules(config: Config): Rules {
  const { shell, policy, defaultCluster, contact } = config
  return {
    policy,
    defaults: {
      image: `${shell.image.repo}:${shell.image.version}`,
      namespace: shell.namespace,
      startTimeout: shell.timeout,
      deadline: shell.deadline,
      maxOutputBytes: shell.maxOutputBytes,
      masked: shell.masked,
    },
    image: shell.image,
    defaultCluster,
    keep: { nodes: shell.keep, pods: shell.keepInPods },
    redact: config.redact,
    perPerson: config.limits.perPerson,
    perChannel: config.limits.perChannel,
    fanOut: config.limits.fanOut,
    ...(contact === undefined ? {} : { contact }),
  }
}

export type Ingredients = Parts & {
  adapters: ReadonlyMap<Platform, ChatAdapter>
  directory: Directory
  log: Log
  metrics: Metrics
  rulebook: Rulebook
}

export function botHouse(from: Ingredients): House {
  const {
    adapters,
    directory,
    clusters,
    queue,
    store,
    intake,
    sessions,
    cancelBus,
    log,
    span,
    timing,
    metrics,
    rulebook,
  } = from
  return {
    version,
    adapters,
    directory,
    clusters,
    rules: rulebook.rules,
    catalogue,
    queue,
    store,
    intake,
    sessions,
    cancelBus,
    log,
    span,
    timing,
    now: from.now,
    locate: locateFor(rulebook),
    images: rulebook.images,
    count: metrics.count,
    hash: hashOf,
    ...(from.passkeys === undefined ? {} : { passkeys: from.passkeys }),
    ...(from.pages === undefined ? {} : { pages: from.pages }),
    ...from.sealer,
    ...recordsOf(from),
  }
}

export function workerHouse(from: Ingredients): WorkerHouse {
  const { adapters, directory, clusters, queue, store, sessions, cancelBus, log, span, timing, metrics, rulebook } =
    from
  const policy = () => rulebook.rules().policy
  return {
    adapters,
    directory,
    clusters,
    policy,
    redact: () => rulebook.rules().redact,
    catalogue,
    queue,
    store,
    sessions,
    keep: () => rulebook.rules().keep,
    cancelBus,
    log,
    span,
    timing,
    now: from.now,
    locate: locateFor(rulebook),
    images: rulebook.images,
    picture: chartPng,
    ended: metrics.ended,
    hash: hashOf,
    ...from.sealer,
    ...recordsOf(from),
  }
}

/** Names are looked up only where something is denied. */
function locateFor(rulebook: Rulebook): House['locate'] {
  return async (destinations) =>
    rulebook.rules().policy.sets.some(({ deny }) => deny.length > 0) ? lookUp(destinations, addressesOf) : destinations
}

/** Records that the policy is another one than was recorded last, by whichever process sees it first. */
export async function recordPolicy({ audit, store, now: time }: Parts, rulebook: Rulebook): Promise<void> {
  const [before = 'none', now] = [await store.kept(policyKey), rulebook.hash()]
  if (before === now) return
  const record = {
    at: time().toISOString(),
    what: 'policy-changed' as const,
    run: '',
    person: 'the owner of the file',
  }
  await audit.append({ ...record, details: { before, now } })
  await store.keep(policyKey, now)
}

const policyKey = 'policy-hash'

function recordsOf({ audit, now }: Pick<Parts, 'audit' | 'now'>): Records {
  return {
    audit: (what, run, person, details) => audit.append({ at: now().toISOString(), what, run, person, details }),
    unrecorded: audit.lacking,
  }
}
