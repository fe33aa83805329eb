import { afterEach, expect, test } from '@jest/globals'
import { readShell, sessionStart } from '#test/contract/terminal'
import { useWalls } from '#test/environment/admission'
import { useCluster } from '#test/environment/cluster'
import { existingDebugPods, removeDebugPods } from '#test/environment/debug-pods'
import { sessionsOn } from '#test/environment/sessions'
import { waitUntil } from '#test/flow/wait-for'

const cluster = useCluster()
afterEach(() => removeDebugPods(cluster()))

const policy = `
capabilitySets:
  probe: { tools: [ping], capabilities: [NET_RAW] }
  plain-shell: { terminal: shell, maxSession: 10m }
groups: { netops: [carol@example.com] }
grants: [{ to: [carol@example.com], sets: [probe, plain-shell], on: [{ nodes: '*' }, { namespaces: '*' }] }]`
const walls = useWalls(cluster, { policy })

test('T51 with the terminal’s own token: a session as a set gives it, and nothing beyond', async () => {
  const { terminal, workOf } = sessionsOn(cluster(), walls().terminal)
  const create = (change: Parameters<typeof workOf>[0], maxSeconds = 660) =>
    terminal.create({ ...workOf(change), maxSeconds }, new AbortController().signal)
  await expect(create({}, 661)).rejects.toThrow('retina-chatops: ')
  await expect(create({ capabilities: ['NET_RAW'], user: 'root' })).rejects.toThrow('no set of retina.yaml')
  await expect(create({ host: { filesystem: 'read-only', pid: false } })).rejects.toThrow('retina-chatops: ')
  const work = workOf()
  const place = await terminal.create(work, new AbortController().signal)
  const { by } = work
  const session = sessionStart(['bash'], { id: work.id, by })
  const refused = { kind: 'refused', message: expect.stringContaining('only the runner may be run in a container') }
  await expect(terminal.start(place, { ...session, maxSeconds: 601 })).rejects.toMatchObject(refused)
  await expect(terminal.start(place, { ...session, id: workOf().id })).rejects.toMatchObject(refused)
  await terminal.start(place, session)
  const { id, keyHex } = session
  const reader = readShell(await terminal.attach(place, { id, keyHex, by, from: 0 }))
  await reader.shows(/\$ $/)
  await reader.type('exit\r')
  expect(await reader.ended()).toMatchObject({ exitCode: 0 })
  await terminal.remove(work)
  await waitUntil('no pod is left', async () => (await existingDebugPods(cluster())).length === 0)
})
