import { createSocket } from 'node:dgram'
import { setInterval } from 'node:timers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { machineAddress, nodes } from '#dev/dev-cluster/versions'
import { useCluster } from '#test/environment/cluster'
import { useRedis } from '#test/environment/redis'
import { shown } from '#test/fakes/slack/shown'
import { type App, atEnd, openApp } from '#test/flow/app'

let app: App
// Declared before `useRedis`, whose hook would otherwise stop Redis first: hooks run in the order of declaration.
afterAll(() => app.end())
const redis = useRedis()
const cluster = useCluster()

const policy = `
capabilitySets: { packets: { tools: [tcpdump], capabilities: [NET_RAW] } }
grants: [{ to: [bob@example.com], sets: [packets], on: [{ nodes: '*' }] }]`

beforeAll(async () => {
  app = await openApp({ redis: redis.url(), ...cluster().settings, policy, keep: true })
}, 120_000)

/** Sends datagrams of `bytes` bytes to a port of a node until the test has ended. */
async function sendTo(address: string, port: number, bytes: number): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, machineAddress, resolve))
  const timer = setInterval(() => socket.send(Buffer.alloc(bytes), port, address), 50)
  atEnd(async () => {
    clearInterval(timer)
    socket.close()
  })
}

/** Returns the capabilities with which the API server accepted debug pods of this file. */
async function capabilities(): Promise<unknown[]> {
  const { items } = await cluster().core.listNamespacedPod({ namespace: cluster().namespace })
  return items.map(({ spec }) => spec?.containers[0]?.securityContext?.capabilities)
}

test.each([
  ['in a new container', 40_001],
  ['in a warm one', 40_002],
])(
  'tcpdump captures packets with NET_RAW alone: %s',
  async (_, port) => {
    const address = nodes[0]?.address ?? ''
    await sendTo(address, port, 7)
    await app.people.command('U0BOB', `shell node001 tcpdump -ni any -c 2 udp port ${port}`)
    const text = shown(await app.shows(new RegExp(`(Done|Failed|Stopped)[^\\n]*udp port ${port}`), 60))
    expect(text).toContain(` > ${address}.${port}: UDP, length 7`)
    expect(text).toContain('2 packets captured')
    expect(text).toContain('Done, exit code 0')
    expect(await capabilities()).toEqual([{ drop: ['ALL'], add: ['NET_RAW'] }])
  },
  90_000,
)
