import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { hardenedNamespace } from '#test/environment/test-cluster'
import { buttonsOf, inChannels, shown } from '#test/fakes/slack/shown'
import { type App, atEnd, openApp } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'

let shared: App
// Declared before `useRedis`, whose hook would otherwise stop Redis first: hooks run in the order of declaration.
afterAll(() => shared.end())
const redis = useRedis()
// A Redis of its own: two programs on one Redis would carry out each other's commands by their own policies.
const another = useRedis()
const cluster = useCluster()
let namespace = ''

beforeAll(async () => {
  const open = openApp({ redis: redis.url(), ...cluster().settings, keep: true })
  ;[namespace, shared] = await Promise.all([hardenedNamespace(cluster(), 'hardened'), open])
})

/** Opens the program with a fake Slack and the development cluster; tests without a policy of their own share one. */
async function open(policy?: string): Promise<App> {
  if (policy !== undefined) return openApp({ redis: another.url(), ...cluster().settings, policy })
  shared.slack.state.messages.length = 0
  return shared
}

async function nothingIsLeft(): Promise<void> {
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)
}

test('node: `dig` runs in the node’s network and its output is in the thread', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', 'shell node001 dig kubernetes.default.svc.cluster.local')
  const text = shown(
    await shows(/Done, exit code 0, after .*: dig kubernetes\.default\.svc\.cluster\.local on node\/node001/),
  )
  expect(text).toMatch(/kubernetes\.default\.svc\.cluster\.local\.\s+\d+\s+IN\s+A\s+10\.96\.0\.1/)
  expect(text).toContain('[Run again]')
  await nothingIsLeft()
})

test('pod: `ping` runs by an ephemeral container in a namespace that enforces PodSecurity "restricted"', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', `shell -n ${namespace} pod/web-1 ping -c 2 127.0.0.1`)
  const text = shown(await shows(/Done, exit code 0.*on -n \S+-hardened pod\/web-1/))
  expect(text).toContain('2 packets transmitted, 2 received, 0% packet loss')
  const read = () => cluster().core.readNamespacedPod({ namespace, name: 'web-1' })
  const [container] = (await read()).spec?.ephemeralContainers ?? []
  expect(container?.securityContext).toMatchObject({
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  })
  // The kubelet writes the status after the output has ended.
  await waitUntil('the container has ended', async () => {
    const [status] = (await read()).status?.ephemeralContainerStatuses ?? []
    return status?.state?.terminated?.exitCode === 0
  })
  await nothingIsLeft()
})

test('pod: a run that PodSecurity forbids is refused with the names of the level’s checks', async () => {
  const { people, shows } = await open()
  await people.command('U0BOB', `shell -n ${namespace} pod/web-1 iptables -nvL`)
  const text = shown(await shows(/I could not do that/))
  expect(text).toMatch(/PodSecurity level "restricted", which forbids: .*NET_ADMIN/)
  expect(text).toMatch(/Hint: .*shell node00[12] iptables -nvL/)
})

test('`iptables -nvL | head -n 2` is refused without the capability set, and prints two lines with it', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', 'shell node001 iptables -nvL | head -n 2')
  expect(shown(await shows(/I could not do that/))).toMatch(/Hint: "netfilter" would cover it; ask #platform\./)
  expect(await debugPods(cluster())).toEqual([])
  await people.command('U0BOB', 'shell node001 iptables -nvL | head -n 2')
  const text = shown(await shows(/Done, exit code 0/))
  expect(text).toMatch(/Chain INPUT \(policy ACCEPT \d+[KMG]? packets, \d+[KMG]? bytes\)\n pkts bytes target/)
  expect(text).toContain('Added: NET_ADMIN and NET_RAW for iptables')
  await nothingIsLeft()
})

test('a tool that doesn’t end is stopped at its deadline', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', 'shell --deadline 3s node001 ping -c 100 127.0.0.1')
  const text = shown(await shows(/Stopped at its deadline after (?:[2-9]|\d\d)(\.\d)? s/))
  expect(text).toContain('icmp_seq=2')
  expect(text).toContain('Hint: Allow more time with --deadline')
  await nothingIsLeft()
})

test('a run is canceled by its button, on a node and in a pod', async () => {
  const { people, shows, slack } = await open()
  for (const target of ['node002', `-n ${namespace} pod/web-1`]) {
    await people.command('U0ALICE', `shell ${target} ping -c 100 127.0.0.1`)
    const running = await shows(new RegExp(`Running: .*${target}[\\s\\S]*icmp_seq=1`))
    await people.press('U0ALICE', 'cancel', running)
    const text = shown(await shows(new RegExp(`Canceled after .*${target}`)))
    expect(text).toContain('Canceled by U0ALICE.')
  }
  expect(inChannels(slack.state.messages).map((message) => Object.keys(buttonsOf(message)))).toEqual([
    ['rerun', 'rerun-with'],
    ['rerun', 'rerun-with'],
  ])
  await nothingIsLeft()
})

test('an image that can’t be pulled is reported within the timeout, with the node’s error', async () => {
  const { people, shows } = await open()
  await people.command('U0ALICE', 'shell --retina-shell-image-version nosuch node001 ping 127.0.0.1')
  const text = shown(await shows(/Image unavailable/))
  expect(text).toContain("localhost/retina-chatops/shell:nosuch can't be pulled")
  expect(text).toContain('RETINA_SHELL_IMAGE_REPO')
  await nothingIsLeft()
})

test('a start that takes too long ends within --timeout', async () => {
  // A registry that accepts connections and never answers.
  const sockets: Socket[] = []
  const silent = createServer((socket) => void sockets.push(socket))
  await new Promise<void>((resolve) => silent.listen(0, '0.0.0.0', resolve))
  atEnd(async () => {
    silent.close()
    for (const socket of sockets) socket.destroy()
  })
  const address = silent.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const policy = `
capabilitySets: { probe: { tools: [ping], images: ['10.10.0.1*'] } }
grants: [{ to: [alice@example.com], sets: [probe], on: [{ nodes: '*' }] }]`
  const { people, shows } = await open(policy)
  const image = `--retina-shell-image-repo 10.10.0.1:${port}/never`
  await people.command('U0ALICE', `shell --timeout 4s ${image} node001 ping 127.0.0.1`)
  const text = shown(await shows(/Not started/))
  expect(text).toMatch(/It did not start within 4 s: .*ContainerCreating/)
  await nothingIsLeft()
})

test('T26 endless output is cut at its limit, and the worker’s memory doesn’t grow; a missing tool is reported', async () => {
  const policy = `
capabilitySets: { all: { tools: ['*'], effect: write } }
grants: [{ to: [bob@example.com], sets: [all], on: [{ nodes: '*' }] }]`
  const { people, shows, slack } = await open(policy)
  const before = process.memoryUsage().rss
  await people.command('U0BOB', 'shell node001 cat /dev/urandom')
  await shows(/Stopped for too much output.*urandom/)
  await people.command('U0BOB', 'shell node001 yes')
  const endless = await shows(/Stopped for too much output.*yes/)
  expect(shown(endless)).toContain('Hint: Ask for less')
  await waitUntil('both outputs are attached', () => slack.state.files.length === 2)
  expect(slack.state.files[1]?.content).toMatch(/^(y\n)+y?\n?$/)
  expect(slack.state.files[1]?.content.length).toBeGreaterThan(900_000)
  // Both tools would write without end; each may write one megabyte.
  expect(process.memoryUsage().rss - before).toBeLessThan(300_000_000)
  await people.command('U0BOB', 'shell node001 frobnicate --now')
  // The image's programs are known: nothing is started for one that it doesn't have.
  await shows(/frobnicate: not found in the shell image/)
  await nothingIsLeft()
})
