import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { accountKubeconfig } from '#test/environment/account'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { clusterEntry, createWindowsNode } from '#test/environment/test-cluster'
import { shown } from '#test/fakes/slack/shown'
import { type App, atEnd, openApp } from '#test/flow/app'

let shared: App
// Declared before `useRedis`, whose hook would otherwise stop Redis first: hooks run in the order of declaration.
afterAll(() => shared.end())
const redis = useRedis()
const cluster = useCluster()

let windows = ''
beforeAll(async () => {
  const open = openApp({ redis: redis.url(), ...cluster().settings, keep: true })
  ;[windows, shared] = await Promise.all([createWindowsNode(cluster()), open])
})

/** Returns the program that all tests share, which has all rights, or opens one with the given kubeconfig. */
async function open(kubeconfig?: string): Promise<App> {
  if (kubeconfig !== undefined)
    return openApp({ redis: redis.url(), ...cluster().settings, cluster: clusterEntry(kubeconfig) })
  shared.slack.state.messages.length = 0
  return shared
}

/** Writes a kubeconfig for an account without any rights and returns its path. */
function kubeconfigWithoutRights(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-account-'))
  atEnd(async () => rmSync(folder, { recursive: true, force: true }))
  return accountKubeconfig(cluster(), { namespace: cluster().namespace, name: 'default' }, folder)
}

test('an unknown node gets the most similar name as suggestion', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', 'shell node01 dig example.com')
  expect(shown(await shows(/I could not do that/))).toContain(
    'There is no node node01 in dev. Did you mean node/node001',
  )
})

test('an unknown pod and an unknown namespace are refused', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', 'shell -n kube-system pod/nosuch ping 127.0.0.1')
  await shows(/There is no pod nosuch in the namespace kube-system/)
  await people.command('U0ALICE', 'shell -n nowhere pod/web ping 127.0.0.1')
  await shows(/There is no pod web in the namespace nowhere/)
})

test('a Windows node is refused with the reason', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', `shell ${windows} dig example.com`)
  expect(shown(await shows(/I could not do that/))).toContain(`The node ${windows} runs Windows.`)
  expect(await debugPods(cluster())).toEqual([])
})

test('missing Kubernetes rights of the bot are shown as such, and readiness fails', async () => {
  const { people, shows, health } = await open(await kubeconfigWithoutRights())
  await people.command('U0ALICE', 'shell node001 dig example.com')
  expect(shown(await shows(/I could not do that/))).toMatch(
    /bot's own account lacks a permission in the cluster: .*cannot get resource "nodes"/,
  )
  const ready = await fetch(`${health}/readyz`)
  expect(ready.status).toBe(503)
  expect(await ready.text()).toMatch(/NOT READY cluster dev: the bot's account may not get nodes/)
})

test('lists show nodes and pods of the cluster', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', 'nodes node*')
  expect(shown(await shows(/Nodes of dev/))).toMatch(/node001\s+Ready\s+linux\s+v1\.\d+[\s\S]*node002\s+Ready/)
  await people.command('U0ALICE', 'pods -n kube-system coredns*')
  expect(shown(await shows(/Pods of kube-system/))).toMatch(/coredns-\S+\s+Running\s+node00/)
})
