import { afterEach, beforeAll, expect, test } from '@jest/globals'
import { nodeExec } from '#dev/dev-cluster/node'
import { seededRandom } from '#test/chaos/random'
import { terminalContract } from '#test/contract/terminal'
import { useCluster } from '#test/environment/cluster'
import { countingShell, expectedTicks, expectedTyped, readCountingSession } from '#test/environment/counted-session'
import { debugPods, existingDebugPods, removeDebugPods } from '#test/environment/debug-pods'
import { cuttingKubeconfig, nodeProcesses, sessionsOn } from '#test/environment/sessions'
import { hardenedNamespace } from '#test/environment/test-cluster'
import { waitUntil } from '#test/flow/wait-for'
import { sessionShell } from '#test/samples/session-shell'

const cluster = useCluster()
afterEach(() => removeDebugPods(cluster()))

let namespace = ''
beforeAll(async () => {
  namespace = await hardenedNamespace(cluster(), 'sessions')
})

const atRoot = { host: { filesystem: 'read-only', pid: true }, capabilities: ['SYS_CHROOT'], user: 'root' } as const

terminalContract('Kubernetes', async () => {
  const { terminal, workOf } = sessionsOn(cluster())
  return {
    terminal,
    placeFor: (id) => terminal.create(workOf({}, id), new AbortController().signal),
    shell: sessionShell,
    // The runner's process of the session is there longer than its shell, whose words have no id.
    hasEnded: async (id) => (await shellsOf(id)) === 0,
    attachSeconds: 6,
  }
})

/** Returns the number of processes that a session's runner has begun on node001. */
async function shellsOf(id: string): Promise<number> {
  const [pid] = (await nodeExec('node001', ['pgrep', '-f', `retina-run --session ${id}`]).catch(() => '')).split('\n')
  if (pid === undefined || pid === '') return 0
  const children = await nodeExec('node001', ['pgrep', '-P', pid]).catch(() => '')
  return children.split('\n').filter((each) => each !== '').length
}

test('bash on a node: prompt, keys, size, Ctrl-C, top, exit code; nothing is left after it', async () => {
  const { begin } = sessionsOn(cluster())
  const { work, shell, reader, remove } = await begin(['bash'])
  await reader.shows(/\$ $/)
  await reader.type('echo $((6 * 7))\r')
  await reader.shows(/\r42\r\n/)
  // T51: the shell's parent has the key of its frames, and is closed to it.
  await reader.type('ls /proc/$PPID/fd; cat /proc/$PPID/mem\r')
  await reader.shows(/fd'?: Permission denied[\s\S]*mem: Permission denied/)
  shell.resize({ cols: 120, rows: 40 })
  await reader.type('stty size\r')
  await reader.shows(/\r40 120\r\n/)
  await reader.type('sleep 1000\r')
  await waitUntil('it sleeps', async () => (await nodeProcesses('node001', 'sleep 1000')).length > 0)
  await reader.type('\u0003')
  await reader.shows(/\^C[\s\S]*\$ $/)
  await reader.type('setsid sleep 1001 & top\r')
  await reader.shows(/load average[\s\S]*COMMAND/)
  await reader.type('q')
  await reader.shows(/\$ $/)
  await reader.type('exit 3\r')
  expect(await reader.ended()).toMatchObject({ exitCode: 3, why: 'exited', total: reader.next() })
  await remove()
  await waitUntil('no pod is left', async () => (await existingDebugPods(cluster())).length === 0)
  expect(await nodeProcesses('node001', work.id)).toEqual([])
  expect(await nodeProcesses('node001', 'sleep 1001')).toEqual([])
})

test('`chroot /host bash` in a set with the node’s disk is a shell of the node', async () => {
  const { begin } = sessionsOn(cluster())
  const { reader, remove } = await begin(['chroot', '/host', 'bash'], atRoot)
  await reader.shows(/# $/)
  await reader.type('cat /etc/resolv.conf | tail -n 2\r')
  await reader.shows(/nameserver \S+\r\n/)
  await reader.type('systemctl status | head -n 2\r')
  await reader.shows(/● node001\r\n {4}State: (running|degraded|starting)/)
  await reader.type('exit\r')
  expect(await reader.ended()).toMatchObject({ exitCode: 0 })
  await remove()
})

test('a shell in a pod of a restricted namespace; its container ends with the session', async () => {
  const { terminal, begin } = sessionsOn(cluster())
  const { metadata } = await cluster().core.readNamespacedPod({ namespace, name: 'web-1' })
  const target = { kind: 'pod', cluster: 'dev', namespace, name: 'web-1' } as const
  const spec = { target, targetUid: metadata?.uid ?? '', node: '' }
  const containers = async () =>
    (await cluster().core.readNamespacedPod({ namespace, name: 'web-1' })).status?.ephemeralContainerStatuses ?? []
  const stateOf = async (id: string) => (await containers()).find(({ name }) => name === `retina-${id}`)?.state
  // By the shell's own end, and by removing it.
  const ended = await begin(['bash'], spec)
  await ended.reader.shows(/\$ $/)
  await ended.reader.type('cat /proc/net/dev | head -n 1\r')
  await ended.reader.shows(/Inter-\|/)
  await ended.reader.type('exit 0\r')
  await ended.reader.ended()
  await waitUntil('its container has ended', async () => (await stateOf(ended.work.id))?.terminated !== undefined)
  await ended.remove()
  const removed = await begin(['bash'], spec)
  await removed.reader.shows(/\$ $/)
  await terminal.remove(removed.work)
  expect(await removed.reader.ended()).toMatchObject({ why: 'stopped' })
  await waitUntil('its container has ended', async () => (await stateOf(removed.work.id))?.terminated !== undefined)
})

test('a session whose connection is cut again and again loses no byte, and nothing is typed twice', async () => {
  const through = await cuttingKubeconfig(cluster())
  const random = seededRandom(25)
  try {
    const { session, place, shell, remove } = await sessionsOn(cluster()).begin(countingShell)
    shell.close()
    const { terminal } = sessionsOn(cluster(), through.kubeconfig)
    const attach = (from: number) => terminal.attach(place, { id: session.id, keyHex: session.keyHex, from })
    const counted = await readCountingSession(attach, (attaches) => {
      if (attaches <= 20) void through.cutAfter(random.between(1, 4_000))
    })
    expect(counted.end).toMatchObject({ exitCode: 5, why: 'exited', total: counted.total, sha256: counted.sha256 })
    expect(counted.ticks).toEqual(expectedTicks)
    expect(counted.typed).toEqual(expectedTyped)
    expect(counted.attaches).toBeGreaterThan(3)
    await remove()
  } finally {
    await through.close()
  }
})

test('`yes` is held back, and Ctrl-C is answered while it fills the terminal', async () => {
  const { begin } = sessionsOn(cluster())
  const { shell, reader, remove } = await begin(['bash', '--norc'], {}, {})
  await reader.shows(/\$ $/)
  await reader.type('yes "it fills the terminal"\r')
  await reader.until('much output', () => reader.next() > 3_000_000)
  await reader.type('\u0003')
  await reader.until('the prompt', () => /\^C[\s\S]*\$ $/.test(reader.bytes().subarray(-200).toString('utf8')))
  shell.hangUp()
  expect(await reader.ended()).toMatchObject({ why: 'hang-up' })
  await remove()
})

test('an image without the runner is told by its name, and nothing of it is left', async () => {
  const { terminal, workOf } = sessionsOn(cluster())
  const work = workOf({ image: 'localhost/retina-chatops/pause:dev', startTimeout: 20 })
  await expect(terminal.create(work, new AbortController().signal)).rejects.toThrow(/pause/)
  await waitUntil('no pod is left', async () => (await debugPods(cluster())).length === 0)
})
