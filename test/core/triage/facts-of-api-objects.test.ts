import { expect, test } from '@jest/globals'
import { factsOf, interfaceFacts, isInterfaceWord, podFacts, serviceOf } from '#core/triage/facts-of-api-objects'
import { factNames } from '#core/triage/playbook'
import { serviceFactsOf } from '#core/triage/service-addresses'

const node = (name: string, address: string, podCIDR: string) => ({
  ...{ kind: 'Node', metadata: { name }, spec: { podCIDR, podCIDRs: [podCIDR] } },
  status: { addresses: [{ type: 'InternalIP', address }] },
})
const service = (clusterIP: string, ports: readonly object[]) => ({ kind: 'Service', spec: { clusterIP, ports } })
const slice = (ports: readonly object[], ...addresses: readonly string[]) => ({
  ...{ kind: 'EndpointSlice', ports },
  endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: address !== '10.244.1.9' } })),
})
const corefile = (forward: string) => ({
  kind: 'ConfigMap',
  data: { Corefile: `.:53 {\n  errors\n  ${forward}\n  cache 30\n}\n` },
})

const objects = {
  nodes: [node('n1', '10.0.0.1', '10.244.1.0/24'), node('n2', '10.0.0.2', '10.244.2.0/24')],
  dns: [service('10.96.0.10', [{ port: 53 }]), slice([{ port: 53 }], '10.244.1.2', '10.244.1.9')],
  apiServer: [slice([{ port: 6443 }], '10.0.0.100')],
  dnsConfig: [corefile('forward . 192.0.2.53 dns://192.0.2.54:53 {')],
}

/** Facts of a node, of a pod, and of a Service with a port that is asked for. */
const all = {
  ...factsOf('n1', objects),
  ...interfaceFacts('node'),
  ...interfaceFacts('pod'),
  ...podFacts('web-1', [{ kind: 'Pod', metadata: { name: 'web-1' }, status: { podIP: '10.244.1.7' } }]),
  ...serviceFactsOf([service('10.96.1.1', [{ port: 80 }]), slice([{ port: 8080 }], '10.244.1.7')]),
  toHost: ['web'],
  toPort: ['80'],
}

test.each([
  ['peers', ['10.0.0.2']],
  ['podCidrs', ['10.244.2.0/24']],
  ['ownPodCidrs', ['10.244.1.0/24']],
  ['clusterDns', ['10.96.0.10']],
  ['dnsPods', ['10.244.1.2']],
  ['apiServer', ['10.0.0.100:6443']],
  ['upstreams', ['192.0.2.53', '192.0.2.54']],
  ['defaultInterface', ['@defaultInterface']],
  ['nodeInterfaces', ['@nodeInterfaces']],
  ['podInterface', ['@podInterface']],
  ['podIp', ['10.244.1.7']],
  ['serviceIp', ['10.96.1.1:80']],
  ['endpoints', ['10.244.1.7:8080']],
  ['toHost', ['web']],
  ['toPort', ['80']],
] as const)('the fact %s is known', (name, values) => {
  expect(all[name]).toEqual(values)
})

test('no name of a fact is reserved: each is known of some target', () => {
  expect(Object.keys(all).sort()).toEqual([...factNames])
})

test('what cannot be read is no fact', () => {
  expect(factsOf('n1', {})).toEqual({})
  expect(podFacts('web-1', [{ metadata: { name: 'web-1' }, status: {} }])).toEqual({})
})

test.each([
  ['forward . /etc/resolv.conf', undefined],
  ['forward . tls://192.0.2.53', undefined],
  ['forward . 192.0.2.53:5353', undefined],
  ['forward . 192.0.2.53 192.0.2.53', ['192.0.2.53']],
  ['# forward . 192.0.2.53', undefined],
])('the name servers of "%s"', (forward, upstreams) => {
  expect(factsOf('n1', { dnsConfig: [corefile(forward)] }).upstreams).toEqual(upstreams)
})

test.each([
  ['web', 'shop', 'web'],
  ['web.other', 'other', 'web'],
  ['web.other.svc', 'other', 'web'],
  ['Web.Other.svc.cluster.local.', 'other', 'web'],
])('%s is a Service', (host, namespace, name) => {
  expect(serviceOf(host, 'shop')).toEqual({ namespace, service: name })
})

test.each(['10.96.0.10', 'www.example.com', 'web.other.pod', 'a_b', '-web', '', 'web.svc.', '../etc', 'fd00::1'])(
  '%j is no Service',
  (host) => {
    const found = serviceOf(host, 'shop')
    expect(found === undefined || found.namespace === 'svc').toBe(true)
  },
)

test('only whole words of the list stand for interfaces', () => {
  expect(['@defaultInterface', '@nodeInterfaces', '@podInterface'].every(isInterfaceWord)).toBe(true)
  expect(['@192.0.2.1', 'defaultInterface', '@defaultInterface '].some(isInterfaceWord)).toBe(false)
})
