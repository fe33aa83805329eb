import type { Message } from '#core/messages/message'
import type { Principal } from '#core/people/principal'
import { interactiveShell, permissionsOf } from '#core/policy/permissions-of-person'
import type { InboundCommand } from '#core/ports/chat'
import type { Cluster } from '#core/ports/cluster'
import { configuredImage, imageText } from '#core/request/image'
import { matchesName } from '#core/request/selector'
import { targetText } from '#core/request/target'
import { formatPipeline } from '#core/util/quote'
import type { BotContext } from '#src/bot/context'
import { identityText } from '#src/bot/runs/decision-messages'
import { mayNameNodes, mayNamePods } from '#src/bot/runs/nearest-targets'
import { ownFanOuts } from '#src/bot/runs/own-fan-outs'

/** Maximum number of rows that a chat message shows well. */
const maxRows = 50

const nothingHere = 'You have no access here, so there is nothing to show. `whoami` shows what you may do.'

/** Returns the nodes that the person may name as a target; a person who may name none gets no list. */
export async function listNodes(
  context: Pick<BotContext, 'rules' | 'clusters' | 'now'>,
  person: Principal,
  asked: { cluster?: string; pattern?: string },
): Promise<Message> {
  const cluster = clusterOf(context, asked.cluster)
  if (cluster === undefined) return noCluster(context, `nodes --context ${asked.cluster ?? ''}`, asked.cluster)
  const nodes = await mayNameNodes(context, person, cluster)
  if (nodes.length === 0) return { kind: 'refused', message: nothingHere, typed: 'nodes' }
  const rows = nodes
    .filter((node) => asked.pattern === undefined || matchesName(asked.pattern, node.name))
    .map((node) => [node.name, node.status, node.os, node.version])
  return listing(`Nodes of ${cluster.name}`, ['node', 'status', 'os', 'kubelet'], rows)
}

/** Returns the pods of a namespace that the person may name as a target. */
export async function listPods(
  context: Pick<BotContext, 'rules' | 'clusters' | 'now'>,
  person: Principal,
  asked: { cluster?: string; namespace: string; pattern?: string },
): Promise<Message> {
  const cluster = clusterOf(context, asked.cluster)
  if (cluster === undefined) return noCluster(context, `pods --context ${asked.cluster ?? ''}`, asked.cluster)
  const pods = await mayNamePods(context, person, cluster, asked.namespace)
  if (pods.length === 0) {
    const message = `There is no pod in the namespace ${asked.namespace} that you have access to.`
    return { kind: 'refused', message, typed: `pods -n ${asked.namespace}` }
  }
  const rows = pods
    .filter((pod) => asked.pattern === undefined || matchesName(asked.pattern, pod.name))
    .map((pod) => [pod.name, pod.status, pod.node])
  return listing(`Pods of ${asked.namespace}`, ['pod', 'status', 'node'], rows)
}

function listing(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): Message {
  const shown = rows.slice(0, maxRows)
  const more = rows.length - shown.length
  return {
    kind: 'listing',
    title,
    columns,
    rows: shown,
    ...(rows.length === 0 ? { note: 'Nothing matches that pattern.' } : {}),
    ...(more > 0 ? { note: `and ${more} more; narrow the list with a pattern such as \`web-*\`` } : {}),
  }
}

function clusterOf(context: Pick<BotContext, 'rules' | 'clusters'>, name: string | undefined): Cluster | undefined {
  return context.clusters.get(name ?? context.rules().defaultCluster)
}

function noCluster(context: Pick<BotContext, 'rules'>, typed: string, name: string | undefined): Message {
  const known = context.rules().defaultCluster
  return { kind: 'misunderstood', typed, message: `There is no cluster "${name}". The default is ${known}.` }
}

/** Maximum number of runs in a list. */
const maxRuns = 20

export async function listRuns(context: Pick<BotContext, 'store'>, person: Principal): Promise<Message> {
  const runs = await context.store.runsOf(person.id, maxRuns)
  const fanOuts = await ownFanOuts(context, person)
  const rows = [
    ...runs.map((run) => ({
      at: Date.parse(run.queuedAt),
      row: [
        run.id,
        run.end?.reason ?? run.state,
        targetText(run.request.target),
        formatPipeline(run.request.pipeline.map((stage) => stage.given)),
      ],
    })),
    ...fanOuts.map(({ id, at, members, where, command }) => ({
      at,
      row: [id, `${members.length} targets`, where, command],
    })),
  ]
  return {
    kind: 'listing',
    title: 'Your latest runs',
    columns: ['id', 'state', 'target', 'command'],
    rows: rows
      .sort((one, other) => other.at - one.at)
      .slice(0, maxRuns)
      .map(({ row }) => row),
    note:
      rows.length === 0 ? 'You have not run anything yet.' : '`show ID` shows one of them, `rerun ID` runs it again.',
  }
}

export function whoami(
  context: Pick<BotContext, 'rules' | 'now'>,
  person: Principal,
  inbound: InboundCommand,
): Message {
  const rights = permissionsOf(person, context.rules().policy, context.now().toISOString())
  return {
    kind: 'listing',
    title: `You are ${person.id}`,
    columns: ['set', 'tools', 'may', 'on', 'where', 'until'],
    rows: rights.map((each) => [each.set, each.tools, each.powers, each.targets, each.channels, each.until]),
    note: `${identityText(person, inbound.account)}${
      rights.length === 0 ? ` You have no access yet. Ask ${context.rules().contact ?? 'the owner of the policy'}.` : ''
    }`,
  }
}

export function versionMessage(context: Pick<BotContext, 'rules' | 'version' | 'clusters'>): Message {
  const { image } = context.rules()
  return {
    kind: 'listing',
    title: `Retina ChatOps ${context.version}`,
    columns: ['part', 'version'],
    rows: [
      ['bot', context.version],
      ['shell image', imageText(configuredImage(image))],
      ['clusters', [...context.clusters.keys()].join(', ')],
    ],
  }
}

/** Returns the tools that a person has, with the purpose of each; first an interactive shell, where a set gives one. */
export function listTools(
  context: Pick<BotContext, 'catalogue'>,
  has: (tool: string) => boolean,
  shells: boolean,
): Message {
  const tools = context.catalogue.names.filter(has).map((name) => [name, context.catalogue.tool(name)?.about ?? ''])
  const rows = [
    ...(shells ? [[interactiveShell, 'an interactive shell: `shell TARGET` without a tool']] : []),
    ...tools,
  ]
  const note =
    rows.length === 0 ? 'You have no access yet; `whoami` tells you whom to ask.' : 'See `help TOOL` for details.'
  return { kind: 'listing', title: 'Your tools', columns: ['tool', 'purpose'], rows, note }
}
