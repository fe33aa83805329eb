import type { Images } from '#core/ports/cluster'
import type { Log } from '#core/ports/log'
import { verified } from '#core/ports/store'
import type { Playbooks } from '#core/triage/playbook'
import type { Timing } from '#core/util/default-timings'
import { defined } from '#core/util/defined'
import type { Rules } from '#src/bot/context'
import { type Config, loadConfig, remarkText } from '#src/config/load'
import type { DirectoryOptions } from '#src/identity/directory'
import { playbookFiles } from '#src/playbooks/load-files'
import { type ImageSettings, registryImages } from '#src/registry/images'
import { catalogue } from '#src/tools/index'
import { hashOf } from './hash-of-value.ts'
import type { Infrastructure } from './infrastructure.ts'
import { loadPlaybooks } from './playbooks.ts'
import { UserError } from './user-error.ts'
import { watchFileContent } from './watch-file.ts'

/** The part of the owner's file that may change while the program runs. */
export type PolicyFile = {
  rules: () => Rules
  /** Returns the people and groups that the file describes. */
  known: DirectoryOptions['known']
  /** Playbooks of triage: those that ship, and the owner's. */
  playbooks: () => Playbooks
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

/**
 * Reads the rules of `retina.yaml` and the playbooks that it names, and again whenever one of these files changes. Throws
 * `UserError` where a playbook has a mistake.
 */
export function watchPolicyFile(file: string, config: Config, given: { log: Log; timing: Timing }): PolicyFile {
  let patterns = config.playbooks
  const load = () => {
    const loaded = loadConfig(file, process.env, knownNames())
    if ('mistakes' in loaded) return { wrong: loaded.mistakes.map((each) => remarkText(file, each)) }
    // Also where a playbook has a mistake: its correction has to be noticed.
    patterns = loaded.config.playbooks
    return contentOf(file, loaded.config)
  }
  const first = contentOf(file, config)
  if ('wrong' in first) throw new UserError('config-wrong', first.wrong.join('\n'))
  const callbacks: (() => void)[] = []
  const options = { log: given.log, ...given.timing, also: () => playbookFiles(file, patterns) }
  const watched = watchFileContent(file, first.ok, load, options, () => {
    for (const callback of callbacks) callback()
  })
  return {
    rules: () => watched.current().rules,
    known: () => watched.current().known,
    images: registryImages(() => watched.current().images, given.timing),
    playbooks: () => watched.current().playbooks,
    // Without the playbooks: they decide nothing.
    hash: () => hashOf({ ...watched.current(), playbooks: undefined }),
    onChange: (callback) => callbacks.push(callback),
    close: watched.close,
  }
}

function contentOf(file: string, config: Config) {
  const loaded = loadPlaybooks(file, config)
  if ('mistakes' in loaded) return { wrong: loaded.mistakes }
  const { playbooks } = loaded
  return { ok: { rules: toRules(config), known: toKnown(config), images: toImageSettings(config), playbooks } }
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

function toKnown({ groups, alerts, directory: { people, outsiders } }: Config): ReturnType<PolicyFile['known']> {
  const services = Object.entries(alerts.senders).flatMap(([name, { auto }]) => (auto ? [name] : []))
  return { groups, people, outsiders, services }
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
    alerts: config.alerts,
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
