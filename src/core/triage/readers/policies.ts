import ipaddr from 'ipaddr.js'
import type { Destination } from '#core/triage/facts-of-api-objects'
import type { Facts } from '#core/triage/playbook'
import type { NamedReader } from './generic.ts'
import { type JsonObject, listOf, metadataOf, parseList, specOf, textOf, toObject } from './parse-api-objects.ts'

const directions = { Ingress: 'ingress', Egress: 'egress' } as const

/**
 * Reads NetworkPolicies that select the pod. `blocked`: directions in which they allow nothing, and the host of `--to` where no rule can
 * allow it; `isolating`: directions in which they allow only a part.
 */
export const readPolicies: NamedReader = ([output], facts) => {
  const objects = parseList(output?.text ?? '')
  const policies = objects?.filter(({ kind }) => kind === 'NetworkPolicy')
  if (objects === undefined || policies === undefined || (objects.length > 0 && policies.length === 0)) return undefined
  const name = (policy: JsonObject) => textOf(metadataOf(policy)['name'])
  const byDirection = Object.entries(directions).map(([type, key]) => {
    const selecting = policies.filter((policy) => {
      const types = listOf(specOf(policy)['policyTypes'])
      return types.length === 0 ? type === 'Ingress' || specOf(policy)[key] !== undefined : types.includes(type)
    })
    const rules = selecting.flatMap((policy) => listOf(specOf(policy)[key]).map(toObject))
    const isOpen = rules.some((rule) => Object.keys(rule).length === 0)
    return { type, names: selecting.map(name), rules, isOpen }
  })
  const isolated = byDirection.filter(({ names, isOpen }) => names.length > 0 && !isOpen)
  const text = ({ type, names }: { type: string; names: readonly string[] }) =>
    `${type.toLowerCase()} by ${names.join(' and ')}`
  const destination = destinationOf(facts)
  const closed = isolated.filter(
    ({ type, rules }) =>
      type === 'Egress' &&
      rules.length > 0 &&
      destination !== undefined &&
      !rules.some((rule) => mayAllow(rule, destination)),
  )
  return {
    policies: policies.length,
    blocked: [
      ...isolated.filter(({ rules }) => rules.length === 0).map(text),
      ...closed.map((each) => `${text(each)}, which have no rule for ${destination?.host}:${destination?.port}`),
    ],
    isolating: isolated.filter((each) => each.rules.length > 0 && !closed.includes(each)).map(text),
    evidence: policies.map(
      (policy) =>
        `NetworkPolicy ${name(policy)}: ${listOf(specOf(policy)['policyTypes']).map(textOf).join(' and ') || 'Ingress'}`,
    ),
  }
}

/**
 * Returns the destination of `--to` where it is an address of a pod or of the internet. Any other one may be a Service's, which stands for
 * pods at ports of their own: policies are about those.
 */
function destinationOf({ toHost, toPort, podCidrs = [] }: Facts): Destination | undefined {
  const [host, port] = [toHost?.[0], Number(toPort?.[0])]
  if (host === undefined || !ipaddr.isValid(host) || !Number.isInteger(port)) return undefined
  const isKnown = ipaddr.process(host).range() === 'unicast' || podCidrs.some((range) => isIn(host, range) === true)
  return isKnown ? { host, port } : undefined
}

/**
 * Returns whether an egress rule may allow TCP to the destination. What isn't known counts as allowed: which pods selectors match, and what a
 * named port is.
 */
function mayAllow(rule: JsonObject, { host, port }: Destination): boolean {
  const [peers, ports] = [listOf(rule['to']).map(toObject), listOf(rule['ports']).map(toObject)]
  return (
    (ports.length === 0 || ports.some((each) => mayBePort(each, port))) &&
    (peers.length === 0 || peers.some((each) => mayBePeer(each, host)))
  )
}

function mayBePort({ protocol = 'TCP', port: first, endPort }: JsonObject, port: number): boolean {
  if (protocol !== 'TCP') return false
  if (typeof first !== 'number') return true
  return typeof endPort === 'number' ? port >= first && port <= endPort : port === first
}

function mayBePeer({ ipBlock }: JsonObject, host: string): boolean {
  if (ipBlock === undefined) return true
  const { cidr, except } = toObject(ipBlock)
  return isIn(host, textOf(cidr)) !== false && !listOf(except).some((each) => isIn(host, textOf(each)) === true)
}

/** Returns whether an address is in a range; undefined where the range can't be read. */
function isIn(host: string, range: string): boolean | undefined {
  if (!ipaddr.isValidCIDR(range)) return undefined
  const [address, cidr] = [ipaddr.process(host), ipaddr.parseCIDR(range)]
  return address.kind() === cidr[0].kind() && address.match(cidr)
}
