import type { NamedReader } from './generic.ts'
import {
  type JsonObject,
  listOf,
  metadataOf,
  numberOf,
  parseList,
  specOf,
  textOf,
  toObject,
} from './parse-api-objects.ts'

const status = (object: JsonObject) => toObject(object['status'])

/** Taints that say what is wrong, or that somebody keeps pods away. */
const taintKeys =
  /^node\.kubernetes\.io\/(?:not-ready|unreachable|network-unavailable|unschedulable|memory-pressure|disk-pressure|pid-pressure)$/

/** Reads a node: conditions that are as they should not be, and taints. */
export const readNodeConditions: NamedReader = ([output]) => {
  const [node] = parseList(output?.text ?? '') ?? []
  if (node === undefined) return undefined
  const conditions = listOf(status(node)['conditions']).map(toObject)
  const bad = conditions.filter(({ type, status: is }) => (type === 'Ready' ? is !== 'True' : is === 'True'))
  const taints = listOf(specOf(node)['taints'])
    .map((taint) => textOf(toObject(taint)['key']))
    .filter((key) => taintKeys.test(key))
  return {
    bad: bad.map(({ type, reason, message }) =>
      [textOf(type), textOf(reason), textOf(message)].filter((part) => part !== '').join(', '),
    ),
    taints,
    conditions: conditions.length,
    evidence: [
      ...bad.map(({ type, status: is, reason, message }) =>
        [`${textOf(type)}=${textOf(is)}`, textOf(reason), textOf(message)].filter((part) => part !== '').join(' '),
      ),
      ...taints.map((key) => `taint ${key}`),
    ],
  }
}

/** Reads the lease of a node: seconds since it was renewed. `now` stands among the output's own data. */
export const readNodeLease: NamedReader = ([output]) => {
  const [lease] = parseList(output?.text ?? '') ?? []
  const renewed = Date.parse(textOf(specOf(lease ?? {})['renewTime']))
  const now = Date.parse(output?.at ?? '')
  return Number.isNaN(renewed) || Number.isNaN(now)
    ? undefined
    : {
        age: Math.max(0, Math.round((now - renewed) / 1_000)),
        evidence: [`renewTime: ${textOf(specOf(lease ?? {})['renewTime'])}`],
      }
}

/** Pods that carry the network of a node: what a DaemonSet runs, and the cluster's DNS. */
function isAgent(pod: JsonObject): boolean {
  const owners = listOf(metadataOf(pod)['ownerReferences']).map((owner) => textOf(toObject(owner)['kind']))
  return owners.includes('DaemonSet') || toObject(metadataOf(pod)['labels'])['k8s-app'] === 'kube-dns'
}

/** Returns a pod with the states of its containers in one line. */
function podText(pod: JsonObject): string {
  const states = listOf(status(pod)['containerStatuses'])
    .map(toObject)
    .map(({ name, ready, restartCount, state }) =>
      [
        `${textOf(name)}: ${ready === true ? 'ready' : 'not ready'}`,
        textOf(toObject(toObject(state)['waiting'])['reason']),
        `${numberOf(restartCount)} restarts`,
      ]
        .filter((part) => part !== '')
        .join(', '),
    )
  return `pod ${textOf(metadataOf(pod)['name'])} ${states.join('; ')}`
}

/** Seconds within which a restart counts as a new one. */
const recentSeconds = 3_600

/** Reads pods of the system on a node: those of its network that are not ready, and that restarted within the last hour. */
export const readAgents: NamedReader = ([output]) => {
  const objects = parseList(output?.text ?? '')
  const pods = objects?.filter(({ kind }) => kind === 'Pod')
  if (objects === undefined || pods === undefined || (objects.length > 0 && pods.length === 0)) return undefined
  const agents = pods.filter(isAgent)
  const name = (pod: JsonObject) => textOf(metadataOf(pod)['name'])
  const containers = (pod: JsonObject) => listOf(status(pod)['containerStatuses']).map(toObject)
  const isReady = (pod: JsonObject) =>
    listOf(status(pod)['conditions'])
      .map(toObject)
      .some(({ type, status: is }) => type === 'Ready' && is === 'True')
  const isNew = (container: JsonObject) => {
    const ended = Date.parse(textOf(toObject(toObject(container['lastState'])['terminated'])['finishedAt']))
    return Date.parse(output?.at ?? '') - ended < recentSeconds * 1_000
  }
  const restarting = agents.filter((pod) =>
    containers(pod).some((each) => isNew(each) && numberOf(each['restartCount']) > 3),
  )
  const ill = agents.filter((pod) => !isReady(pod) && metadataOf(pod)['deletionTimestamp'] === undefined)
  const reasons = ill.flatMap((pod) =>
    containers(pod).map(({ state }) => textOf(toObject(toObject(state)['waiting'])['reason'])),
  )
  const reason = reasons.find((each) => each !== '') ?? 'not ready'
  return {
    agents: agents.length,
    ill: ill.map(name),
    reason,
    restarting: restarting.map(name),
    evidence: [...ill, ...restarting].map(podText),
  }
}

/** Returns the addresses of endpoints in EndpointSlices, by whether they are ready. */
function addressesOf(slices: readonly JsonObject[]): { ready: string[]; all: string[] } {
  const endpoints = slices.flatMap((slice) => listOf(slice['endpoints']).map(toObject))
  const addresses = (ready: boolean) =>
    endpoints
      .filter(({ conditions }) => !ready || toObject(conditions)['ready'] !== false)
      .flatMap((endpoint) => listOf(endpoint['addresses']).map(textOf))
  return { ready: [...new Set(addresses(true))], all: [...new Set(addresses(false))] }
}

/** Reads EndpointSlices of the cluster's DNS: how many pods of it are ready. */
export const readDnsEndpoints: NamedReader = ([output]) => {
  const objects = parseList(output?.text ?? '')
  if (objects === undefined || objects.length === 0) return undefined
  const slices = objects.filter(({ kind }) => kind === 'EndpointSlice')
  if (slices.length === 0) return undefined
  const { ready, all } = addressesOf(slices)
  return { ready: ready.length, all: all.length, evidence: slices.map(sliceText) }
}

/** Returns an EndpointSlice in one line. */
function sliceText(slice: JsonObject): string {
  const { ready, all } = addressesOf([slice])
  const ports = listOf(slice['ports']).map((port) => String(numberOf(toObject(port)['port'])))
  const waiting = all.filter((address) => !ready.includes(address))
  return [
    `EndpointSlice ${textOf(metadataOf(slice)['name'])}:`,
    ready.length === 0 ? 'no ready endpoint' : `ready ${ready.join(' ')}`,
    ...(waiting.length === 0 ? [] : [`not ready ${waiting.join(' ')}`]),
    ...(ports.length === 0 ? [] : [`ports ${ports.join(' ')}`]),
  ].join(' ')
}

/** Reads a Service with its EndpointSlices: `state` says why it leads nowhere. */
export const readServiceEndpoints: NamedReader = ([output]) => {
  const objects = parseList(output?.text ?? '')
  const service = objects?.find(({ kind }) => kind === 'Service')
  // Such a Service is a name in DNS, without endpoints.
  if (objects === undefined || service === undefined || specOf(service)['type'] === 'ExternalName') return undefined
  const slices = objects.filter(({ kind }) => kind === 'EndpointSlice')
  const { ready, all } = addressesOf(slices)
  const [port] = listOf(specOf(service)['ports']).map(toObject)
  const ports = slices.flatMap((slice) => listOf(slice['ports']).map(toObject))
  const selector = Object.entries(toObject(specOf(service)['selector'])).map(
    ([key, value]) => `${key}=${textOf(value)}`,
  )
  const targetPort = typeof port?.['targetPort'] === 'number' ? port['targetPort'] : textOf(port?.['targetPort'])
  const hasPort = ports.some(({ port: number }) => numberOf(number) > 0)
  return {
    name: textOf(metadataOf(service)['name']),
    selector: selector.length === 0 ? 'nothing' : selector.join(','),
    ready: ready.length,
    all: all.length,
    port: numberOf(port?.['port']),
    targetPort,
    evidence: [
      `Service ${textOf(metadataOf(service)['name'])}: port ${numberOf(port?.['port'])} to ${targetPort}, selector ${selector.join(',') || 'none'}`,
      ...slices.map(sliceText),
    ],
    state: all.length === 0 ? 'none' : !hasPort ? 'no-port' : ready.length === 0 ? 'not-ready' : 'ready',
  }
}
