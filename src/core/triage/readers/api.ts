import type { NamedReader } from './generic.ts'
import { type JsonObject, listOf, numberOf, parseList, textOf, toObject } from './json.ts'

const metadata = (object: JsonObject) => toObject(object['metadata'])
const status = (object: JsonObject) => toObject(object['status'])
const spec = (object: JsonObject) => toObject(object['spec'])

/** Taints that say what is wrong, or that somebody keeps pods away. */
const taintKeys =
  /^node\.kubernetes\.io\/(?:not-ready|unreachable|network-unavailable|unschedulable|memory-pressure|disk-pressure|pid-pressure)$/

/** Reads a node: conditions that are as they should not be, and taints. */
export const readNodeConditions: NamedReader = ([output]) => {
  const [node] = parseList(output?.text ?? '') ?? []
  if (node === undefined) return undefined
  const conditions = listOf(status(node)['conditions']).map(toObject)
  const bad = conditions.filter(({ type, status: is }) => (type === 'Ready' ? is !== 'True' : is === 'True'))
  const taints = listOf(spec(node)['taints'])
    .map((taint) => textOf(toObject(taint)['key']))
    .filter((key) => taintKeys.test(key))
  return {
    bad: bad.map(({ type, reason, message }) =>
      [textOf(type), textOf(reason), textOf(message)].filter((part) => part !== '').join(', '),
    ),
    taints,
    conditions: conditions.length,
  }
}

/** Reads the lease of a node: seconds since it was renewed. `now` stands among the output's own data. */
export const readNodeLease: NamedReader = ([output]) => {
  const [lease] = parseList(output?.text ?? '') ?? []
  const renewed = Date.parse(textOf(spec(lease ?? {})['renewTime']))
  const now = Date.parse(output?.at ?? '')
  return Number.isNaN(renewed) || Number.isNaN(now)
    ? undefined
    : { age: Math.max(0, Math.round((now - renewed) / 1_000)) }
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
  return { ready: ready.length, all: all.length }
}

/** Reads a Service with its EndpointSlices: `state` says why it leads nowhere. */
export const readServiceEndpoints: NamedReader = ([output]) => {
  const objects = parseList(output?.text ?? '')
  const service = objects?.find(({ kind }) => kind === 'Service')
  if (objects === undefined || service === undefined) return undefined
  const slices = objects.filter(({ kind }) => kind === 'EndpointSlice')
  const { ready, all } = addressesOf(slices)
  const [port] = listOf(spec(service)['ports']).map(toObject)
  const ports = slices.flatMap((slice) => listOf(slice['ports']).map(toObject))
  const selector = Object.entries(toObject(spec(service)['selector'])).map(([key, value]) => `${key}=${textOf(value)}`)
  const hasPort = ports.some(({ port: number }) => numberOf(number) > 0)
  return {
    name: textOf(metadata(service)['name']),
    selector: selector.length === 0 ? 'nothing' : selector.join(','),
    ready: ready.length,
    all: all.length,
    port: numberOf(port?.['port']),
    targetPort: typeof port?.['targetPort'] === 'number' ? port['targetPort'] : textOf(port?.['targetPort']),
    state: all.length === 0 ? 'none' : !hasPort ? 'no-port' : ready.length === 0 ? 'not-ready' : 'ready',
  }
}

const directions = { Ingress: 'ingress', Egress: 'egress' } as const

/**
 * Reads NetworkPolicies that select the pod. `blocked`: directions in which they allow nothing; `isolating`: those in which they
 * allow only a part.
 */
export const readPolicies: NamedReader = ([output]) => {
  const objects = parseList(output?.text ?? '')
  const policies = objects?.filter(({ kind }) => kind === 'NetworkPolicy')
  if (objects === undefined || policies === undefined || (objects.length > 0 && policies.length === 0)) return undefined
  const name = (policy: JsonObject) => textOf(metadata(policy)['name'])
  const byDirection = Object.entries(directions).map(([type, key]) => {
    const selecting = policies.filter((policy) => {
      const types = listOf(spec(policy)['policyTypes'])
      return types.length === 0 ? type === 'Ingress' || spec(policy)[key] !== undefined : types.includes(type)
    })
    const rules = selecting.flatMap((policy) => listOf(spec(policy)[key]).map(toObject))
    const isOpen = rules.some((rule) => Object.keys(rule).length === 0)
    return { type, names: selecting.map(name), rules: rules.length, isOpen }
  })
  const isolated = byDirection.filter(({ names, isOpen }) => names.length > 0 && !isOpen)
  const text = ({ type, names }: { type: string; names: readonly string[] }) =>
    `${type.toLowerCase()} by ${names.join(' and ')}`
  return {
    policies: policies.length,
    blocked: isolated.filter(({ rules }) => rules === 0).map(text),
    isolating: isolated.filter(({ rules }) => rules > 0).map(text),
  }
}
