import { expect, test } from '@jest/globals'
import { nodeExec } from '#dev/dev-cluster/node'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { shown } from '#test/fakes/slack/shown'
import { openApp } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'

const redis = useRedis()
const cluster = useCluster()

const policy = `
capabilitySets:
  host-write: { tools: ['*'], host: { filesystem: read-write }, effect: write, approval: { from: [bob@example.com], reason: required } }
  host-read: { tools: [cat, ls], host: { filesystem: read-only } }
grants: [{ to: [alice@example.com], sets: [host-write, host-read], on: [{ nodes: '*' }] }]`

const file = () => `/var/tmp/${cluster().namespace}`

test('a write mount that needs approval, on a real node: denied, then approved, then the file exists', async () => {
  const flow = await openApp({ redis: redis.url(), ...cluster().settings, policy })
  const { people, shows, slack } = flow
  const isThere = () => nodeExec('node001', ['sh', '-c', `test -e ${file()} && echo yes || echo no`])
  await nodeExec('node001', ['rm', '-f', file()])
  const ask = (reason: string) =>
    people.command('U0ALICE', `shell -w --reason "${reason}" node001 touch /host${file()}`)

  await ask('first try')
  await people.press(
    'U0BOB',
    'deny',
    await shows(/Needs approval[\s\S]*write to every file on node001[\s\S]*first try/),
  )
  await waitUntil('the form asks why', () => slack.state.views.length === 1)
  const [form] = slack.state.views
  if (form !== undefined) await people.submit('U0BOB', form, { reason: { value: 'not now' } })
  await shows(/Denied: touch[\s\S]*not now/)
  expect((await isThere()).trim()).toBe('no')

  await ask('second try')
  const card = await shows(/Needs approval[\s\S]*second try/)
  await people.press('U0ALICE', 'approve', card)
  await shows(/You requested this yourself/)
  expect((await isThere()).trim()).toBe('no')
  await people.press('U0BOB', 'approve', card)
  await shows(/Done, exit code 0.*touch/)
  expect((await isThere()).trim()).toBe('yes')
  await nodeExec('node001', ['rm', '-f', file()])
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)
})

test('T36 a read-only mount can’t be written to, nor can its submounts', async () => {
  const more = policy.replace('tools: [cat, ls], host', "tools: ['*'], effect: write, host")
  const flow = await openApp({ redis: redis.url(), ...cluster().settings, policy: more })
  for (const path of ['/host/var/tmp/x', '/host/run/x', '/host/tmp/x', '/host/dev/shm/x']) {
    flow.slack.state.messages.length = 0
    await flow.people.command('U0ALICE', `shell -m node001 touch ${path}`)
    expect(shown(await flow.shows(/Failed, exit code 1/))).toMatch(/Read-only file system|No such file/)
  }
})
