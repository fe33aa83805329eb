import type { Alert, AlertSender } from '#core/alerts/alert'
import type { AlertChoice } from '#core/alerts/alert-record'
import { playbooksOfAlert } from '#core/alerts/match-playbooks'
import { type AlertNames, namesOfAlert } from '#core/alerts/objects-named-by-alert'
import type { Cluster } from '#core/ports/cluster'
import { type NodeTarget, type PodTarget, type Target, targetText } from '#core/request/target'
import { errorMessage } from '#core/util/error-message'
import { getValue, toList } from '#core/util/json'
import { withTimeout } from '#core/util/timeout'
import type { BotContext } from '#src/bot/context'

/** Service whose way is looked at: its endpoints, its address and each endpoint. */
type ServiceTarget = { kind: 'service'; cluster: string; namespace: string; name: string }
type AlertTarget = Target | ServiceTarget

/** Known objects that an alert names, and the playbooks for it. `note`: why there is none, or what is asked. */
type AlertTargets = {
  choices: readonly AlertChoice[]
  playbooks: readonly string[]
  note?: string
}

/** Largest number of objects that are offered. */
const maxChoices = 5
/** Largest number of namespaces whose pods are listed. */
const maxNamespaces = 3
/** Milliseconds within which a cluster has to list its objects. */
const listTimeoutMs = 4_000

type FindContext = Pick<BotContext, 'clusters' | 'rules' | 'playbooks'>

/**
 * Finds the objects that an alert names: by its labels, else by words of its sentences. Only names of objects that exist
 * count, so nothing of an alert can become anything else. `isKnown`: leaves out objects that must not be named.
 */
export async function findAlertTargets(
  context: FindContext,
  alert: Pick<Alert, 'name' | 'labels' | 'texts'>,
  sender: Pick<AlertSender, 'cluster'>,
  isKnown: (target: Target) => Promise<boolean> = async () => true,
): Promise<AlertTargets> {
  const names = namesOfAlert(alert)
  const fitting = playbooksOfAlert(alert.name, context.playbooks())
  const none = { choices: [], playbooks: [] }
  const clusterName = sender.cluster ?? names.cluster ?? context.rules().defaultCluster
  const cluster = context.clusters.get(clusterName)
  if (cluster === undefined)
    return { ...none, note: 'Its label "cluster" names none of my clusters: type triage TARGET.' }
  try {
    const found = await findObjects(cluster, names)
    const known: AlertTarget[] = []
    for (const target of prefer(found, fitting))
      if (target.kind === 'service' || (await isKnown(target))) known.push(target)
    const targets = known.slice(0, maxChoices)
    const choices = targets.map(toChoice)
    const kinds = new Set(targets.map(({ kind }) => kind))
    const playbooks = fitting.filter((each) => kinds.has(each.for)).map(({ name }) => name)
    if (choices.length === 0)
      return { ...none, note: 'It names no node, pod or Service that I know: type triage TARGET.' }
    const ask = choices.length === 1 ? {} : { note: 'Which of these is meant?' }
    return { choices, playbooks: kinds.size === 1 ? playbooks : [], ...ask }
  } catch (error) {
    return { ...none, note: `Its objects could not be looked up (${errorMessage(error)}): type triage TARGET.` }
  }
}

/** Returns the objects of the kind that the playbooks of the alert are for, where they are for one kind only; else all. */
function prefer(found: readonly AlertTarget[], fitting: readonly { for: string }[]): readonly AlertTarget[] {
  const kinds = new Set(fitting.map((each) => each.for))
  const own = found.filter(({ kind }) => kinds.has(kind))
  if (kinds.size === 1 && own.length > 0) return own
  // The label `service` is often that of the exporter, so it counts where nothing else is named.
  const others = found.filter(({ kind }) => kind !== 'service')
  return others.length > 0 ? others : found
}

function toChoice(target: AlertTarget): AlertChoice {
  if (target.kind === 'service') {
    const { cluster, namespace, name } = target
    return { label: `${namespace}/svc/${name}`, words: `--context ${cluster} -n ${namespace} svc/${name}` }
  }
  const label = target.kind === 'node' ? target.name : `${target.namespace}/${target.name}`
  return { label, words: `--context ${target.cluster} ${targetText(target)}` }
}

async function findObjects(cluster: Cluster, names: AlertNames): Promise<readonly AlertTarget[]> {
  const nodes = new Set((await inTime(cluster.nodes())).map(({ name }) => name))
  const toNode = (name: string): NodeTarget => ({ kind: 'node', cluster: cluster.name, name })
  const byLabel = [...names.nodes, ...names.instances].filter((name) => nodes.has(name))
  const byAddress = byLabel.length > 0 ? [] : await nodesWithAddress(cluster, names.instances)
  const labelled = names.namespaces.flatMap((namespace) => names.pods.map((pod) => `${namespace}/${pod}`))
  const pods = await findPods(cluster, labelled, names.namespaces)
  const found: Target[] = [...new Set([...byLabel, ...byAddress])].map(toNode)
  const services = await findServices(cluster, names)
  if (found.length + pods.length + services.length > 0) return [...found, ...pods, ...services]
  const bare = names.namespaces.flatMap((namespace) => names.words.map((word) => `${namespace}/${word}`))
  const typed = names.words.filter((word) => word.includes('/'))
  return [
    ...names.words.filter((word) => nodes.has(word)).map(toNode),
    ...(await findPods(cluster, [...bare, ...typed], [...names.namespaces, ...typed.map(namespaceOf)])),
  ]
}

const namespaceOf = (text: string) => text.slice(0, text.indexOf('/'))

/** Returns the pods among texts of the form `NAMESPACE/NAME`. */
async function findPods(
  cluster: Cluster,
  texts: readonly string[],
  namespaces: readonly string[],
): Promise<readonly PodTarget[]> {
  if (texts.length === 0) return []
  const wanted = new Set(texts)
  const pods: PodTarget[] = []
  for (const namespace of [...new Set(namespaces)].slice(0, maxNamespaces))
    for (const { name } of await inTime(cluster.pods(namespace)))
      if (wanted.has(`${namespace}/${name}`)) pods.push({ kind: 'pod', cluster: cluster.name, namespace, name })
  return pods
}

/** Returns the Services that labels name. */
async function findServices(cluster: Cluster, { namespaces, services }: AlertNames): Promise<readonly ServiceTarget[]> {
  const found: ServiceTarget[] = []
  for (const namespace of namespaces.slice(0, maxNamespaces))
    for (const name of services.slice(0, maxNamespaces)) {
      const service = await withTimeout(listTimeoutMs, cluster.service(namespace, name))
      if (service !== undefined && !('problem' in service))
        found.push({ kind: 'service', cluster: cluster.name, namespace, name })
    }
  return found
}

/** Returns the names of the nodes that have one of these addresses. */
async function nodesWithAddress(cluster: Cluster, addresses: readonly string[]): Promise<string[]> {
  if (!addresses.some((address) => /^[0-9a-f.:]+$/.test(address))) return []
  const nodes = await inTime(cluster.objects({ kind: 'nodes' }))
  return nodes.flatMap((node) => {
    const own = toList(getValue(node, 'status', 'addresses')).map(({ address }) => address)
    const name = getValue(node, 'metadata', 'name')
    return typeof name === 'string' && own.some((each) => addresses.includes(String(each))) ? [name] : []
  })
}

async function inTime<T>(reading: Promise<readonly T[]>): Promise<readonly T[]> {
  const read = await withTimeout(listTimeoutMs, reading)
  if (read === undefined) throw new Error('the API server did not answer in time')
  return read
}
