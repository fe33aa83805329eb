import { expect, test } from '@jest/globals'
import {
  findRestrictions,
  restrictionOfNode,
  restrictionOfRefusal,
  restrictionRefusal,
  restrictionText,
} from '#core/clusters/platform-restrictions'
import * as clusters from './recorded-clusters.ts'

const kindsOf = (...given: Parameters<typeof findRestrictions>) =>
  findRestrictions(...given).map(({ kind, nodes }) => [kind, ...nodes])

test('a cluster that forbids the approach is recognised by its API groups, labels and operating systems', () => {
  expect(kindsOf(clusters.gkeAutopilot)).toEqual([['gke-autopilot']])
  expect(kindsOf(clusters.gkeStandard)).toEqual([['gke-autopilot', 'gk3-shop-nap-1x2y3z-8b7c6d5e-q4rs']])
  expect(kindsOf(clusters.eksWithFargate)).toEqual([['fargate', 'fargate-ip-10-0-3-7.eu-central-1.compute.internal']])
  expect(kindsOf(clusters.eksWithBottlerocket)).toEqual([
    ['bottlerocket', 'ip-10-0-2-4.eu-central-1.compute.internal', 'i-0a1b2c3d4e5f60718'],
  ])
  expect(kindsOf(clusters.talos)).toEqual([['talos', 'talos-cp-1', 'talos-w-1']])
  expect(kindsOf(clusters.openshift)).toEqual([['openshift']])
  expect(kindsOf(clusters.aksWithVirtualNode)).toEqual([['virtual-kubelet', 'virtual-node-aci-linux']])
  expect(kindsOf(clusters.ordinary)).toEqual([])
})

test('a cluster without nodes is no Autopilot cluster unless it serves that API', () => {
  expect(kindsOf({ apiGroups: ['apps'], nodes: [] })).toEqual([])
  expect(kindsOf({ apiGroups: ['apps', 'auto.gke.io'], nodes: [] })).toEqual([['gke-autopilot']])
})

test('OpenShift is no restriction any more once the owner has set the range of users and the folder of its runtime', () => {
  expect(kindsOf(clusters.openshift, { uidRange: true, masked: ['/run/crio'] })).toEqual([])
  expect(kindsOf(clusters.openshift, { uidRange: true, masked: ['/run/containerd'] })).toEqual([['openshift']])
  expect(kindsOf(clusters.openshift, { masked: ['/run/crio'] })).toEqual([['openshift']])
})

test('a node forbids pods, or only its own programs', () => {
  const [machine, fargate] = clusters.eksWithFargate.nodes
  const [talos] = clusters.talos.nodes
  const [dig, chroot] = [[['dig', 'example.com']], [['chroot', '/host', 'systemctl', 'status', 'kubelet'], ['head']]]
  if (machine === undefined || fargate === undefined || talos === undefined) throw new Error('no nodes')
  expect(restrictionOfNode(fargate, dig)?.kind).toBe('fargate')
  expect(restrictionOfNode({ ...fargate, labels: {} }, dig)?.kind).toBe('fargate')
  expect(restrictionOfNode(machine, chroot)).toBeUndefined()
  expect(restrictionOfNode(talos, dig)).toBeUndefined()
  expect(restrictionOfNode(talos, chroot)?.kind).toBe('talos')
})

test.each(Object.entries(clusters.refusals))('a refusal of %s is recognised', (kind, message) => {
  expect(restrictionOfRefusal(`the cluster refused it: ${message}`)?.kind).toBe(kind)
})

test('other refusals are not taken for a platform', () => {
  expect(restrictionOfRefusal('the namespace enforces the PodSecurity level "restricted"')).toBeUndefined()
})

test('texts name the platform, what it forbids and what still works', () => {
  const [found] = findRestrictions(clusters.talos)
  if (found === undefined) throw new Error('nothing found')
  expect(restrictionText(found)).toMatch(
    /^Talos Linux \(talos-cp-1, talos-w-1\): .+\. What still works: .+\. To do: .+\.$/,
  )
  const many = { ...found, nodes: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] }
  expect(restrictionText(many)).toContain('(a, b, c, d, e and 2 more)')
  const one = restrictionRefusal({ ...found, nodes: ['talos-w-1'] })
  expect(one.message).toMatch(/^talos-w-1 is a node of Talos Linux: the host has neither systemd/)
  expect(one.wayOut).toMatch(/^What still works: .+\.$/)
  expect(restrictionRefusal({ ...found, nodes: [] }).message).toMatch(/^This is Talos Linux: /)
})
