import { afterEach, expect, test } from '@jest/globals'
import { nodeExec } from '#dev/dev-cluster/node'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'
import { countsIn } from '#test/triage/faults/ask-triage'

// Triage on a real node, and one fault that is really made.

const redis = useRedis()
const cluster = useCluster()

const policy = `
capabilitySets:
  triage:
    tools: [ping, dig, curl, openssl, ip, ss, nstat, ethtool, iptables, nft, ipset, conntrack, sysctl, mpstat, chroot, systemctl, journalctl, chronyc]
    capabilities: [NET_ADMIN, NET_RAW, SYS_CHROOT]
    host: { filesystem: read-only, pid: true }
grants: [{ to: [alice@example.com], sets: [triage], on: [{ nodes: '*' }] }]
`

const undo: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const each of undo.splice(0)) await each()
})

test('nothing fails on a healthy node; a default route that is gone is the first finding, with its evidence', async () => {
  const { people, shows } = await openApp({ redis: redis.url(), ...cluster().settings, policy })
  await people.command('U0ALICE', 'triage node002 node-network')
  // A busy machine may send some segments again: that is to watch, and at most two such things are said of a healthy node.
  const healthy = await shows(/^(?![\s\S]*parts done)[\s\S]*\d good[\s\S]*node-network on node\/node002/)
  const { fail, warn, good } = countsIn(shown(healthy))
  expect({ fail, isQuiet: warn <= 2, isLookedAt: good > 20 }).toEqual({ fail: 0, isQuiet: true, isLookedAt: true })
  const ip = (...args: readonly string[]) => nodeExec('node002', ['ip', 'route', ...args])
  const before = (await ip('show', 'default')).trim().split(/\s+/)
  undo.push(() => ip('replace', ...before))
  await ip('del', 'default')
  // What a person there would see.
  await people.command('U0ALICE', 'shell node002 ping -c 1 1.1.1.1')
  await shows(/Network is unreachable/)
  await people.command('U0ALICE', 'triage node002 node-network')
  // The first message of the thread is updated last.
  const found = shown(await shows(/node002: No route leads out of the node[\s\S]*\[ip route\]/))
  await shows(
    /1\. node002: No route leads out of the node[\s\S]*\$ ip route get 1\.1\.1\.1\n\s+RTNETLINK answers: Network is unreachable/,
    60,
  )
  expect(found).toContain('Network is unreachable')
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)
})
