import type { Facts } from './playbook.ts'
import { type JsonObject, listOf, metadataOf, numberOf, specOf, textOf, toObject } from './readers/parse-api-objects.ts'

/** Objects of the API server that facts are taken from; absent ones could not be read. */
export type FactObjects = {
  nodes?: readonly object[] | undefined
  /** Service of the cluster's DNS, and its EndpointSlices. */
  dns?: readonly object[] | undefined
  /** Service of the API server, and its EndpointSlices. */
  apiServer?: readonly object[] | undefined
  /** ConfigMap of CoreDNS. */
  dnsConfig?: readonly object[] | undefined
}

/** Words that stand for interfaces in commands: the target alone knows their names, and the runner puts them in. */
const interfaceWords = ['@defaultInterface', '@nodeInterfaces', '@podInterface'] as const

/** Returns true for a word that stands for the name of an interface. */
export function isInterfaceWord(word: string): boolean {
  return interfaceWords.some((each) => each === word)
}

/** Returns the facts that the target itself knows: words in their place, which are replaced there. */
export function interfaceFacts(kind: 'node' | 'pod'): Facts {
  return kind === 'node'
    ? { defaultInterface: ['@defaultInterface'], nodeInterfaces: ['@nodeInterfaces'] }
    : { podInterface: ['@podInterface'] }
}

/** Maximum number of other nodes that a check sends something to. */
const maxPeers = 3

/** Returns the facts about a target on this node, as far as the objects say them. */
export function factsOf(node: string, { nodes = [], dns = [], apiServer = [], dnsConfig = [] }: FactObjects): Facts {
  const all = nodes.map(toObject)
  const others = all.filter((each) => textOf(metadataOf(each)['name']) !== node)
  const own = all.filter((each) => textOf(metadataOf(each)['name']) === node)
  // Begins with the next one, so that not all nodes send to the same ones.
  const index = all.findIndex((each) => textOf(metadataOf(each)['name']) === node)
  const rotated = [...all.slice(index + 1), ...all.slice(0, Math.max(0, index))]
  const known: Facts = {
    peers: rotated.flatMap(addressesOf).slice(0, maxPeers),
    podCidrs: others.flatMap(cidrsOf),
    ownPodCidrs: own.flatMap(cidrsOf),
    clusterDns: clusterIps(dns),
    dnsPods: endpointsOf(dns).map(({ address }) => address),
    apiServer: endpointsOf(apiServer).map(({ address, port }) => (port === undefined ? address : `${address}:${port}`)),
    upstreams: dnsConfig.flatMap(upstreamsOf),
  }
  return withoutEmpty(known)
}

/** Returns the facts that have values. */
function withoutEmpty(known: Facts): Facts {
  return Object.fromEntries(Object.entries(known).filter(([, values]) => values.length > 0))
}

/** Returns the address of a pod, of the pods of its namespace. */
export function podFacts(name: string, pods: readonly object[]): Facts {
  const own = pods.map(toObject).filter((pod) => textOf(metadataOf(pod)['name']) === name)
  return withoutEmpty({ podIp: own.map((pod) => textOf(toObject(pod['status'])['podIP'])).filter(isIpv4) })
}

export type ServiceName = { namespace: string; service: string }

/** Host and port that `--to` names. */
export type Destination = { host: string; port: number }

/** Returns the Service that a host may be, as it is named in a pod of this namespace; undefined for an address or another name. */
export function serviceOf(host: string, namespace: string): ServiceName | undefined {
  const [service = '', own = namespace, kind = 'svc', ...domain] = host.toLowerCase().replace(/\.$/, '').split('.')
  const isName = [service, own].every((name) => /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/.test(name))
  return isName && kind === 'svc' && domain.length !== 1 ? { namespace: own, service } : undefined
}

/** Returns the name servers outside that the configuration of CoreDNS names: addresses with DNS's own port. */
function upstreamsOf(config: object): string[] {
  const corefile = textOf(toObject(toObject(config)['data'])['Corefile'])
  const forwards = corefile.split('\n').flatMap((line) => {
    const [plugin, , ...servers] = line.trim().split(/\s+/)
    return plugin === 'forward' ? servers : []
  })
  const addresses = forwards.map((server) => server.replace(/^dns:\/\//, '').replace(/:53$/, ''))
  return [...new Set(addresses.filter(isIpv4))]
}

function addressesOf(node: JsonObject): string[] {
  const addresses = listOf(toObject(node['status'])['addresses']).map(toObject)
  return addresses.flatMap(({ type, address }) => (type === 'InternalIP' && isIpv4(address) ? [textOf(address)] : []))
}

function cidrsOf(node: JsonObject): string[] {
  const { podCIDRs, podCIDR } = specOf(node)
  return (listOf(podCIDRs).length > 0 ? listOf(podCIDRs) : [podCIDR])
    .map(textOf)
    .filter((cidr) => /^[\d.]+\/\d+$/.test(cidr))
}

const isIpv4 = (address: unknown) => /^\d{1,3}(?:\.\d{1,3}){3}$/.test(textOf(address))

function clusterIps(objects: readonly object[]): string[] {
  const services = objects.map(toObject).filter(({ kind }) => kind === 'Service')
  return services.map((service) => textOf(specOf(service)['clusterIP'])).filter(isIpv4)
}

function endpointsOf(objects: readonly object[]): { address: string; port: number | undefined }[] {
  const slices = objects.map(toObject).filter(({ kind }) => kind === 'EndpointSlice')
  return slices.flatMap((slice) => {
    const [first] = listOf(slice['ports']).map(toObject)
    const port = first === undefined ? undefined : numberOf(first['port'])
    const ready = listOf(slice['endpoints'])
      .map(toObject)
      .filter(({ conditions }) => toObject(conditions)['ready'] !== false)
    return ready.flatMap(({ addresses }) =>
      listOf(addresses)
        .filter(isIpv4)
        .map((address) => ({ address: textOf(address), port })),
    )
  })
}

/** Returns true where the selector of a policy selects a pod with these labels. */
export function selectsPod(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  const { matchLabels, matchExpressions } = toObject(selector)
  const hasLabels = Object.entries(toObject(matchLabels)).every(([key, value]) => labels[key] === value)
  return (
    hasLabels &&
    listOf(matchExpressions)
      .map(toObject)
      .every((each) => holds(each, labels))
  )
}

function holds({ key, operator, values }: JsonObject, labels: Readonly<Record<string, string>>): boolean {
  const value = labels[textOf(key)]
  switch (operator) {
    case 'In':
      return value !== undefined && listOf(values).includes(value)
    case 'NotIn':
      return value === undefined || !listOf(values).includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    default:
      return false
  }
}
