import { parseChannel, type ThreadRef } from '#core/messages/thread-ref'
import type { Account } from '#core/people/account'
import { type Platform, platformNames } from '#core/people/platforms'
import type { Principal } from '#core/people/principal'
import { toPrincipal } from '#core/people/to-principal'
import { authorize } from '#core/policy/authorize'
import type { Decision } from '#core/policy/policy'
import { parseLabels } from '#core/request/selector'
import type { Labels, Target, TargetFacts } from '#core/request/target'
import { chooseShell } from '#core/terminal/choose-set-for-shell'
import { defined } from '#core/util/defined'
import { readTypedText } from '#src/app/typed-text'
import { UserError } from '#src/app/user-error'
import { parse } from '#src/command/parse'
import type { ParseError, ShellCommand } from '#src/command/parsed-shell-command'
import { type Plan, plan } from '#src/command/plan'
import { planShell, shellStage } from '#src/command/plan-shell'
import type { Config } from '#src/config/load'
import { catalogue } from '#src/tools/index'

/** The policy's decision on a command, with the command's plan and target. */
export type Evaluated = { decision: Decision; planned: Plan; target: Target }

/** The requester, the channel, the labels of the target, and the platform as which a single argument is read. */
export type Asker = { by: Principal; thread: ThreadRef; labels: Labels; typedOn: Platform }

/**
 * Decides a command as the bot would, without cluster, Redis or chat. A single argument is a text as the asker's
 * platform sends it, several are an argv. Host names are not looked up.
 */
export function evaluate(config: Config, argv: readonly string[], asker: Asker, now: Date): Evaluated | ParseError {
  const [only = ''] = argv
  const command = parse(argv.length === 1 ? readTypedText(only, asker.typedOn) : { words: argv }, catalogue)
  if (command.verb === 'misunderstood') return command
  if (command.verb === 'fan-out' || command.verb === 'owner') {
    const message = 'Only a cluster knows which pods these are: name one target, or use `can-i` in chat.'
    return misunderstood('needs-cluster', message)
  }
  if (command.verb !== 'shell')
    return misunderstood('not-shell', `The policy applies to \`shell …\`, not to \`${command.verb}\`.`)
  const target: Target = { ...command.target, cluster: command.target.cluster ?? config.defaultCluster }
  if (!config.clusters.some(({ name }) => name === target.cluster)) {
    return misunderstood('unknown-cluster', `There is no cluster "${target.cluster}" in the file.`)
  }
  const facts = {
    uid: '',
    node: '',
    os: 'linux' as const,
    labels: asker.labels,
    namespaceLabels: namespaceLabels(target),
  }
  if (command.pipeline.length === 0) return evaluateShell(config, command, { target, facts, asker }, now)
  const planned = plan(command, catalogue, config.shell.image)
  if ('verb' in planned) return planned
  const request = { ...planned, by: asker.by, target, facts, thread: asker.thread, ...pickFlags(command) }
  return { decision: authorize(request, config.policy, now.toISOString()), planned, target }
}

type OnTarget = { target: Target; facts: TargetFacts; asker: Asker }

/** Decides a request for a shell, as the bot would. */
function evaluateShell(config: Config, { flags }: ShellCommand, on: OnTarget, now: Date): Evaluated {
  const { target, facts, asker } = on
  const asked = planShell(flags, config.shell.image)
  const { decision, needs } = chooseShell(
    {
      ...{ by: asker.by, target, facts, pipeline: [shellStage], destinations: [], thread: asker.thread },
      ...asked,
      ...defined({ reason: flags.reason }),
    },
    config.policy,
    now.toISOString(),
  )
  const image = defined({ image: asked.image })
  return { decision, planned: { pipeline: [shellStage], needs, destinations: [], added: [], ...image }, target }
}

/** Returns the label that every namespace has: its own name. Source: Kubernetes, "Well-Known Labels". */
function namespaceLabels(target: Target): Labels {
  return target.kind === 'pod' ? { 'kubernetes.io/metadata.name': target.namespace } : {}
}

function pickFlags({ flags: { deadline, reason, breakGlass } }: ShellCommand) {
  return { ...defined({ deadline, reason }), breakGlass }
}

function misunderstood(code: string, message: string): ParseError {
  return { verb: 'misunderstood', code, message }
}

/** Returns the platform that is named; the first of the table for a command that names none. */
function platformOf(word: string | undefined): Platform {
  const platform = platformNames.find((each) => word === undefined || each === word)
  if (platform === undefined)
    throw new UserError('bad-usage', `"${word}" is not a valid platform; use ${platformNames.join(', ')}.`)
  return platform
}

/** Builds an asker from the values of the command line or of a policy test. Throws `UserError` for invalid ones. */
export function askerOf(
  from: {
    as: string
    groups: readonly string[]
    channel: string | undefined
    platform: string | undefined
    labels: string | undefined
  },
  config: Config,
): Asker {
  const platform = platformOf(from.platform)
  return {
    by: personOf(from.as, from.groups, platform, config),
    thread: threadOf(from.channel, platform),
    labels: labelsOf(from.labels),
    // Without a platform, it is a text as people type it.
    typedOn: from.platform === undefined ? 'console' : platform,
  }
}

/**
 * Builds a person from an e-mail address, or from an account id (`slack:user/T1/U1`); `groups` are named as in the
 * policy.
 */
function personOf(as: string, groups: readonly string[], platform: Platform, config: Config): Principal {
  const groupIds = groups.map((group) => (group.includes(':') ? group : `group:${group}`))
  const [, team = '', user = ''] = /^\w+:user\/([^/]+)\/(.+)$/.exec(as) ?? []
  const account: Account = { platform, team, user: user || as, name: as, kind: 'member', groups: groupIds }
  const known = { groups: config.groups, people: config.directory.people }
  return toPrincipal(user === '' ? { ...account, email: as } : account, known)
}

function threadOf(channel: string | undefined, platform: Platform): ThreadRef {
  if (channel === undefined) return { platform, team: '', channel: '' }
  const named = parseChannel(channel)
  if (named === undefined)
    throw new UserError('bad-usage', `"${channel}" is not a valid channel; use slack:channel/C0INCIDENT.`)
  return { platform: platformOf(named.platform), team: '', channel: named.channel }
}

function labelsOf(text: string | undefined): Labels {
  if (text === undefined) return {}
  const parsed = parseLabels(text)
  const all = 'labels' in parsed ? parsed.labels : []
  const labels = all.map(({ key, op, values }) => (op === 'in' && values.length === 1 ? [key, values[0]] : undefined))
  if (labels.length === 0 || labels.includes(undefined)) {
    throw new UserError('bad-usage', `"${text}" is not a valid list of labels; use pool=web,zone=a.`)
  }
  return Object.fromEntries(labels.flatMap((each) => (each === undefined ? [] : [each])))
}
