import { createSocket } from 'node:dgram'
import { setInterval } from 'node:timers'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { machineAddress, nodes } from '#dev/dev-cluster/versions'
import { useCluster } from '#test/environment/cluster'
import { useRedis } from '#test/environment/redis'
import { hardenedNamespace } from '#test/environment/test-cluster'
import { shown } from '#test/fakes/slack/shown'
import { type App, atEnd, openApp } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'

let app: App
// Declared before `useRedis`, whose hook would otherwise stop Redis first: hooks run in the order of declaration.
afterAll(() => app.end())
const redis = useRedis()
const cluster = useCluster()

const policy = `
capabilitySets: { packets: { tools: [tcpdump], capabilities: [NET_RAW] } }
grants: [{ to: [bob@example.com], sets: [packets], on: [{ nodes: '*' }, { namespaces: '*' }] }]`

beforeAll(async () => {
  app = await openApp({ redis: redis.url(), ...cluster().settings, policy, keep: true })
})

/** Sends datagrams of 7 bytes to a port until the test has ended. */
async function sendTo(address: string, port: number): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, machineAddress, resolve))
  const timer = setInterval(() => socket.send(Buffer.alloc(7), port, address), 50)
  atEnd(async () => {
    clearInterval(timer)
    socket.close()
  })
}

type Context = { capabilities?: unknown; runAsUser?: number } | undefined

/** Waits until a command's container is there, and resolves with the user and the capabilities with which the API server accepted it. */
async function privileges(read: () => Promise<Context>): Promise<unknown> {
  let found: Context
  await waitUntil('the container is there', async () => {
    found = await read()
    return found !== undefined
  })
  return { user: found?.runAsUser, capabilities: found?.capabilities }
}

const netRawAlone = { user: 0, capabilities: { drop: ['ALL'], add: ['NET_RAW'] } }

/** Waits for the result of a capture, and expects that it shows the packets. */
async function showsPackets(address: string, port: number): Promise<void> {
  const text = shown(await app.shows(new RegExp(`(Done|Failed|Stopped)[^\\n]*udp port ${port}`)))
  expect(text).toContain(` > ${address}.${port}: UDP, length 7`)
  expect(text).toContain('2 packets captured')
  expect(text).toContain('Done, exit code 0')
}

test('tcpdump captures packets of a node as root with NET_RAW alone', async () => {
  const [address, port] = [nodes[0]?.address ?? '', 40_001]
  await app.people.command('U0BOB', `shell node001 tcpdump -ni any -c 2 udp port ${port}`)
  const own = privileges(async () => {
    const { items } = await cluster().core.listNamespacedPod({ namespace: cluster().namespace })
    return items[0]?.spec?.containers[0]?.securityContext
  })
  expect(await own).toEqual(netRawAlone)
  // Only now: tcpdump waits for its packets, and its pod is there as long.
  await sendTo(address, port)
  await showsPackets(address, port)
})

test('tcpdump captures packets of a pod, by an ephemeral container with the same rights', async () => {
  const port = 40_002
  const namespace = await hardenedNamespace(cluster(), 'open', 'privileged')
  const pod = () => cluster().core.readNamespacedPod({ namespace, name: 'web-1' })
  await app.people.command('U0BOB', `shell -n ${namespace} pod/web-1 tcpdump -ni any -c 2 udp port ${port}`)
  expect(await privileges(async () => (await pod()).spec?.ephemeralContainers?.[0]?.securityContext)).toEqual(
    netRawAlone,
  )
  const address = (await pod()).status?.podIP ?? ''
  await sendTo(address, port)
  await showsPackets(address, port)
})
