import { decide } from '#core/decide'
import type { Decision } from '#core/policy'
import type { Account } from '#core/ports'
import { type Platform, pipelineText, type ThreadRef } from '#core/request'
import { parseLabels } from '#core/selector'
import { type Labels, type Target, targetText } from '#core/target'
import { needsText } from '#src/bot/explain'
import type { Misunderstood, ShellCommand } from '#src/command/command'
import { parse } from '#src/command/parse'
import { type Plan, plan } from '#src/command/plan'
import type { Config } from '#src/config'
import { toPrincipal } from '#src/directory/static'
import { UserError } from '#src/errors'
import { catalogue } from '#src/tools/index'
import { configFile, mustLoad, readOptions } from './arguments.ts'

const exitCodes = { allow: 0, ask: 3, deny: 4 } satisfies Record<Decision['effect'], number>
const misunderstoodCode = 2

const options = {
  config: { type: 'string' },
  as: { type: 'string' },
  group: { type: 'string', multiple: true },
  in: { type: 'string' },
  platform: { type: 'string' },
  'node-labels': { type: 'string' },
  output: { type: 'string', short: 'o' },
} as const

/** `can-i`: the policy's decision on a command, as text or JSON; the exit code says it too. Runs nothing, asks nobody. */
export async function canI(argv: readonly string[]): Promise<number> {
  const { values, words } = readOptions(argv, options)
  if (values.as === undefined) throw new UserError('bad-usage', 'Say who asks: --as carol@example.com.')
  if (words.length === 0)
    throw new UserError('bad-usage', 'Say what is asked after "--": -- shell node001 iptables -nvL')
  if (values.output !== undefined && values.output !== 'json') {
    throw new UserError('bad-usage', `"${values.output}" is no output format; take json.`)
  }
  const config = mustLoad(configFile(values.config))
  const judged = judge(config, words, {
    by: personOf(values.as, values.group ?? [], platformOf(values.platform), config),
    thread: threadOf(values.in, platformOf(values.platform)),
    labels: labelsOf(values['node-labels']),
  })
  if ('verb' in judged) {
    const { code, message, suggestion } = judged
    const near = suggestion === undefined ? '' : `\nWas this meant? ${suggestion}`
    if (values.output === 'json') console.log(JSON.stringify({ effect: 'misunderstood', code, message }))
    else console.log(`misunderstood (${code}): ${message}${near}`)
    return misunderstoodCode
  }
  console.log(values.output === 'json' ? JSON.stringify(toJson(judged)) : toText(judged))
  return exitCodes[judged.decision.effect]
}

type Judged = { decision: Decision; planned: Plan; target: Target }

function judge(
  config: Config,
  words: readonly string[],
  asker: { by: ReturnType<typeof personOf>; thread: ThreadRef; labels: Labels },
): Judged | Misunderstood {
  const [only = ''] = words
  const command = parse(words.length === 1 ? { text: only } : { words }, catalogue)
  if (command.verb === 'misunderstood') return command
  if (command.verb !== 'shell')
    return misunderstood('not-shell', `The policy judges \`shell …\`, not \`${command.verb}\`.`)
  if (command.pipeline.length === 0) return misunderstood('no-tool', 'Name the tool to run after the target.')
  const target: Target = { ...command.target, cluster: command.target.cluster ?? config.defaultCluster }
  if (!config.clusters.some(({ name }) => name === target.cluster)) {
    return misunderstood('unknown-cluster', `There is no cluster "${target.cluster}" in the file.`)
  }
  const planned = plan(command, catalogue, config.shell.image)
  if ('verb' in planned) return planned
  const facts = {
    uid: '',
    node: '',
    os: 'linux' as const,
    labels: asker.labels,
    namespaceLabels: namespaceLabels(target),
  }
  const request = { ...planned, by: asker.by, target, facts, thread: asker.thread, ...asked(command) }
  return { decision: decide(request, config.policy, new Date().toISOString()), planned, target }
}

/** Every namespace carries its own name as a label. Source: Kubernetes, "Well-Known Labels". */
function namespaceLabels(target: Target): Labels {
  return target.kind === 'pod' ? { 'kubernetes.io/metadata.name': target.namespace } : {}
}

function asked({ flags: { deadline, reason, breakGlass } }: ShellCommand) {
  return { ...(deadline === undefined ? {} : { deadline }), ...(reason === undefined ? {} : { reason }), breakGlass }
}

function misunderstood(code: string, message: string): Misunderstood {
  return { verb: 'misunderstood', code, message }
}

function toJson({ decision, planned }: Judged) {
  const { needs, pipeline } = planned
  const argv = pipeline.map((stage) => stage.given)
  if (decision.effect === 'deny') {
    const { effect, reason, message, wouldNeed } = decision
    return { effect, reason, message, wouldNeed, needs, argv }
  }
  const { effect, set, grant } = decision
  return { effect, set, grant, reason: `granted by ${grant}`, needs, argv }
}

function toText({ decision, planned, target }: Judged): string {
  const verdict =
    decision.effect === 'deny'
      ? `deny (${decision.reason}): ${decision.message}`
      : `${decision.effect}: set ${decision.set}, by ${decision.grant}`
  const cover =
    decision.effect === 'deny' && decision.wouldNeed.length > 0
      ? [`would be covered by: ${decision.wouldNeed.join(', ')}`]
      : []
  return [
    verdict,
    ...cover,
    `target: ${targetText(target)} (cluster ${target.cluster})`,
    `runs:   ${pipelineText(planned.pipeline.map((stage) => stage.argv))}`,
    `needs:  ${needsText(planned.needs)}`,
    ...planned.added.map((each) => `added:  ${each}`),
  ].join('\n')
}

const platforms: readonly Platform[] = ['slack', 'teams', 'web', 'console']

function platformOf(word: string | undefined): Platform {
  const platform = platforms.find((each) => each === (word ?? 'slack'))
  if (platform === undefined)
    throw new UserError('bad-usage', `"${word}" is no platform; take ${platforms.join(', ')}.`)
  return platform
}

/** A person by e-mail, or by an account's own name (`slack:user/T1/U1`); `groups` by their names in the policy. */
function personOf(as: string, groups: readonly string[], platform: Platform, config: Config) {
  const named = groups.map((group) => (group.includes(':') ? group : `group:${group}`))
  const [, team = '', user = ''] = /^\w+:user\/([^/]+)\/(.+)$/.exec(as) ?? []
  const account: Account = { platform, team, user: user || as, name: as, kind: 'member', groups: named }
  return toPrincipal(user === '' ? { ...account, email: as } : account, config.groups)
}

function threadOf(channel: string | undefined, platform: Platform): ThreadRef {
  if (channel === undefined) return { platform, team: '', channel: '' }
  const [, where = '', name = ''] = /^(\w+):channel\/(.+)$/.exec(channel) ?? []
  if (name === '') throw new UserError('bad-usage', `"${channel}" is no channel; write it as slack:channel/C0INCIDENT.`)
  return { platform: platformOf(where), team: '', channel: name }
}

function labelsOf(text: string | undefined): Labels {
  if (text === undefined) return {}
  const parsed = parseLabels(text)
  const all = 'labels' in parsed ? parsed.labels : []
  const labels = all.map(({ key, op, values }) => (op === 'in' && values.length === 1 ? [key, values[0]] : undefined))
  if (labels.length === 0 || labels.includes(undefined)) {
    throw new UserError('bad-usage', `"${text}" are no labels; write them as pool=web,zone=a.`)
  }
  return Object.fromEntries(labels.flatMap((each) => (each === undefined ? [] : [each])))
}
