import type { Images } from '#core/ports/cluster'
import type { Log } from '#core/ports/log'
import { verified } from '#core/ports/store'
import type { Timing } from '#core/util/default-timings'
import { defined } from '#core/util/defined'
import type { Rules } from '#src/bot/context'
import { type Config, loadConfig, remarkText } from '#src/config/load'
import type { DirectoryOptions } from '#src/identity/directory'
import { type ImageSettings, registryImages } from '#src/registry/images'
import { catalogue } from '#src/tools/index'
import type { Infrastructure } from './infrastructure.ts'
import { hashOf } from './sha256.ts'
import { watchFileContent } from './watch-file.ts'

/** The part of the owner's file that may change while the program runs. */
export type PolicyFile = {
  rules: () => Rules
  /** Returns the people and groups that the file describes. */
  known: DirectoryOptions['known']
  /** Image digests, from the file or from the registry that it names. */
  images: Images
  /** Returns the hash of everything that affects decisions. */
  hash: () => string
  /** Registers a callback that is called after each change. */
  onChange: (callback: () => void) => void
  close: () => void
}

/** Returns the names that a policy may use, and the current time. */
export function knownNames() {
  const talking = catalogue.names.filter((name) => catalogue.tool(name)?.reaches !== undefined)
  const printing = catalogue.names.filter((name) => catalogue.tool(name)?.printsFiles === true)
  return { tools: catalogue.names, talking, printing, now: new Date() }
}

/** Reads the rules of `retina.yaml`, and again whenever the file changes. */
export function watchPolicyFile(file: string, config: Config, given: { log: Log; timing: Timing }): PolicyFile {
  const load = () => {
    const loaded = loadConfig(file, process.env, knownNames())
    if ('mistakes' in loaded) return { wrong: loaded.mistakes.map((each) => remarkText(file, each)) }
    return { ok: contentOf(loaded.config) }
  }
  const callbacks: (() => void)[] = []
  const watched = watchFileContent(file, contentOf(config), load, { log: given.log, ...given.timing }, () => {
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

/** Returns how images are pinned, and where. */
export function toImageSettings({ shell }: Config): ImageSettings {
  const { repo, version, digest } = shell.image
  const { dockerConfig, insecure } = shell.registry
  return {
    pin: shell.pin,
    image: `${repo}:${version}`,
    insecure,
    ...defined({ digest, dockerConfig }),
  }
}

function toKnown({ groups, directory: { people, outsiders } }: Config): ReturnType<PolicyFile['known']> {
  return { groups, people, outsiders }
}

/** Returns the part of the configuration that the bot's decisions depend on. */
export function toRules(config: Config): Rules {
  const { shell, policy, limits, defaultCluster, contact, paused } = config
  return {
    policy,
    known: { groups: config.groups, people: config.directory.people },
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
    sessionIdleTimes: { nodes: shell.keep, pods: shell.keepInPods },
    outputPlaces: config.outputPlaces,
    redact: config.redact,
    perPerson: limits.perPerson,
    perChannel: limits.perChannel,
    shells: { perPerson: limits.shellsPerPerson, perTarget: limits.shellsPerTarget },
    fanOut: { maxTargets: limits.fanOut.most, confirmAbove: limits.fanOut.confirmAbove },
    ...defined({ contact, paused }),
  }
}

/**
 * Writes an audit record where the policy differs from the last recorded one; the first process that sees the change
 * does this.
 */
export async function recordPolicy({ audit, store, now: time }: Infrastructure, rulebook: PolicyFile): Promise<void> {
  const { hash: before = 'none' } = verified(await store.getValue('policy-hash', 'current')) ?? {}
  const now = rulebook.hash()
  if (before === now) return
  const record = {
    at: time().toISOString(),
    what: 'policy-changed' as const,
    run: '',
    person: 'the owner of the file',
  }
  const { paused } = rulebook.rules()
  await audit.append({ ...record, details: { before, now, ...defined({ paused }) } })
  await store.setValue('policy-hash', 'current', { hash: now })
}
