import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { nodeExec } from '#dev/dev-cluster/node'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { shown } from '#test/fakes/slack/shown'
import { type App, openApp } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'

let app: App
// Declared before `useRedis`, whose hook would otherwise stop Redis first: hooks run in the order of declaration.
afterAll(() => app.end())
const redis = useRedis()
const cluster = useCluster()

const policy = `
capabilitySets: { probe: { tools: [ping] } }
grants: [{ to: [alice@example.com], sets: [probe], on: [{ nodes: '*' }] }]`

beforeAll(async () => {
  app = await openApp({ redis: redis.url(), ...cluster().settings, policy, keep: true })
})
afterEach(async () => {
  await nodeExec('node002', ['systemctl', 'start', 'kubelet'])
  await waitForNode(/^Ready$/)
})

/** Waits until kubectl shows node002 with this state. */
async function waitForNode(state: RegExp): Promise<void> {
  const stateOf = async () =>
    (await cluster().kubectl(['get', 'node', 'node002', '--no-headers'])).split(/\s+/)[1] ?? ''
  await waitUntil(`node002 is ${state}`, async () => state.test(await stateOf()), { seconds: 110 })
}

async function ask(text: string, pattern: RegExp): Promise<string> {
  app.slack.state.messages.length = 0
  await app.people.command('U0ALICE', text)
  return shown(await app.shows(pattern))
}

test('a node whose kubelet was stopped is listed as NotReady, and a run there says so at once, and what to do', async () => {
  await nodeExec('node002', ['systemctl', 'stop', 'kubelet'])
  await waitForNode(/^NotReady$/)
  expect(await ask('nodes', /Nodes of/)).toMatch(/node002 +NotReady/)
  const text = await ask('shell --timeout 5m node002 ping -c 1 127.0.0.1', /Not started|Done/)
  // Not after the five minutes that it might have taken.
  expect(text).toContain('It did not start: node002 is not ready (Kubelet stopped posting node status.)')
  expect(text).toContain('Hint: A silent kubelet starts nothing. Ask from another node')
  await ask('shell node001 ping -c 1 10.10.0.12', /Done, exit code 0/)
  await nodeExec('node002', ['systemctl', 'start', 'kubelet'])
  await waitForNode(/^Ready$/)
  await ask('shell node002 ping -c 1 127.0.0.1', /Done, exit code 0/)
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)
})
