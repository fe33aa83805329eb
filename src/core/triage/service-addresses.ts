import type { Facts } from './playbook.ts'
import { type JsonObject, listOf, textOf, toObject } from './readers/parse-api-objects.ts'

/**
 * Returns the facts about a Service from the Service and its EndpointSlices: its address with each of its TCP ports, and
 * those of its endpoints that are ready, the first port of each endpoint first.
 */
export function serviceFactsOf(objects: readonly object[]): Facts {
  const all = objects.map(toObject)
  const service = all.find(({ kind }) => kind === 'Service')
  const spec = toObject(service?.['spec'])
  const address = textOf(spec['clusterIP'])
  // A headless Service has no address of its own.
  const own = isAddress(address) ? tcpPorts(spec['ports']).map((port) => joined(address, port)) : []
  const byPort = all.flatMap((object) => (object['kind'] === 'EndpointSlice' ? [endpointsByPort(object)] : []))
  const depth = Math.max(0, ...byPort.map((ports) => ports.length))
  const endpoints = Array.from({ length: depth }, (_none, at) => byPort.flatMap((ports) => ports[at] ?? [])).flat()
  return {
    ...(own.length === 0 ? {} : { serviceIp: own }),
    ...(endpoints.length === 0 ? {} : { endpoints: [...new Set(endpoints)] }),
  }
}

/** Returns, for each TCP port of an EndpointSlice, the addresses of its endpoints that are ready. */
function endpointsByPort(slice: JsonObject): string[][] {
  const ready = listOf(slice['endpoints'])
    .map(toObject)
    .filter(({ conditions }) => toObject(conditions)['ready'] !== false)
  const addresses = ready.flatMap((endpoint) => listOf(endpoint['addresses']).map(textOf).filter(isAddress))
  return tcpPorts(slice['ports']).map((port) => addresses.map((address) => joined(address, port)))
}

function tcpPorts(ports: unknown): number[] {
  return listOf(ports)
    .map(toObject)
    .flatMap(({ port, protocol }) => (typeof port === 'number' && (protocol ?? 'TCP') === 'TCP' ? [port] : []))
}

/** Returns true for an address; not for `None` of a headless Service. */
const isAddress = (text: string) => /^[\da-f:.]{2,45}$/i.test(text) && /[.:]/.test(text)

/** Returns an address with a port, as URLs write it. */
function joined(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`
}
