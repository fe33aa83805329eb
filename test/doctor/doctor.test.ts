import { afterEach, expect, test } from '@jest/globals'
import type { Finding } from '#core/doctor/finding'
import { cliHere } from '#test/cli/run-cli'
import { useRedis } from '#test/environment/redis'
import { faults } from './faults.ts'
import { openWorld, type World } from './world.ts'

const redis = useRedis()

let world: World | undefined
afterEach(async () => {
  await world?.close()
  world = undefined
})

async function runDoctor({ write, env }: World, ...flags: string[]) {
  const ended = await cliHere(['doctor', '-o', 'json', '--config', write(), ...flags], env)
  const { ok, checks } = JSON.parse(ended.stdout || '{"checks":[]}') as { ok?: boolean; checks: Finding[] }
  return { ...ended, ok, checks, failed: checks.filter(({ state }) => state === 'failed') }
}

test('nothing fails where nothing is missing', async () => {
  world = await openWorld(redis.url())
  const { code, ok, failed, stderr } = await runDoctor(world)
  expect({ code, ok, failed, stderr }).toEqual({ code: 0, ok: true, failed: [], stderr: '' })
})

test.each(faults)('$name: $check fails, and its mending command is named', async ({ plant, check, says, mend }) => {
  world = await openWorld(redis.url())
  await plant(world)
  const { code, ok, failed } = await runDoctor(world)
  const found = failed.find((each) => each.check === check)
  expect(found).toMatchObject({ message: expect.stringMatching(says), mend: expect.stringMatching(mend) })
  expect({ code, ok }).toEqual({ code: 1, ok: false })
})

const rights = [
  ...['get nodes', 'list nodes', 'get namespaces', 'create pods', 'get pods', 'list pods', 'watch pods', 'delete pods'],
  ...['get pods/log', 'list events', 'get pods/exec', 'create pods/exec'],
]

test.each(rights)('the permission to %s is named where it is missing', async (right) => {
  world = await openWorld(redis.url())
  world.kubernetes.state.denied.add(right)
  const { code, failed } = await runDoctor(world)
  expect(failed.map(({ check }) => check)).toContain(`cluster dev permission to ${right}`)
  const found = failed.find(({ check }) => check === `cluster dev permission to ${right}`)
  expect(found).toMatchObject({ message: expect.stringContaining(right), mend: expect.stringMatching(/kubectl apply/) })
  expect(code).toBe(1)
})

test('a bot needs no right of a worker', async () => {
  world = await openWorld(redis.url())
  world.kubernetes.state.denied.add('delete pods').add('get pods/log')
  expect(await runDoctor(world, '--role', 'bot')).toMatchObject({ code: 0, failed: [] })
  expect((await runDoctor(world, '--role', 'worker')).failed).toHaveLength(2)
})

const terminalRights = [
  ...['get nodes', 'create pods', 'get pods', 'watch pods', 'delete pods', 'list events'],
  ...['get pods/exec', 'create pods/exec'],
]

test.each(terminalRights)('a terminal: the permission to %s is named where it is missing', async (right) => {
  world = await openWorld(redis.url())
  world.kubernetes.state.denied.add(right)
  const { code, failed } = await runDoctor(world, '--role', 'terminal')
  const found = failed.find(({ check }) => check === `cluster dev permission to ${right}`)
  expect(found).toMatchObject({ mend: expect.stringMatching(/kubectl apply -f deploy\/kubernetes\/terminal\.yaml/) })
  expect(code).toBe(1)
})

test('a terminal needs no right of others, no signing secret, and an address of shells', async () => {
  world = await openWorld(redis.url())
  for (const right of ['list nodes', 'get namespaces', 'list pods', 'get pods/log', 'get services'])
    world.kubernetes.state.denied.add(right)
  world.env['SLACK_SIGNING_SECRET'] = ''
  const { code, failed, checks } = await runDoctor(world, '--role', 'terminal')
  expect({ code, failed }).toEqual({ code: 0, failed: [] })
  expect(checks.map(({ check }) => check)).toEqual(
    expect.arrayContaining(['Redis connection', 'address terminal.url', 'WebSocket of terminal.url']),
  )
  delete world.config['terminal']
  expect((await runDoctor(world, '--role', 'terminal')).failed).toMatchObject([
    { check: 'address terminal.url', mend: expect.stringMatching(/terminal: \{ url: https/) },
  ])
  expect(await runDoctor(world, '--role', 'other')).toMatchObject({ code: 2 })
})

test('a terminal: rights in the namespaces whose pods get shells', async () => {
  world = await openWorld(redis.url())
  const grant = '  - { to: [carol@example.com], sets: [probe], on: [{ namespaces: shop }] }\n'
  world.policy = `${world.policy}${grant}`
  world.kubernetes.state.denied.add('patch pods/ephemeralcontainers').add('get pods/log')
  const { failed } = await runDoctor(world, '--role', 'terminal')
  expect(failed).toMatchObject([
    {
      check: 'cluster dev pods of shop',
      message: 'the account may not patch pods/ephemeralcontainers',
      mend: expect.stringMatching(/terminal-pods\.example\.yaml/),
    },
  ])
})

test('permissions for pods are checked in the clusters only that a grant’s pattern names', async () => {
  world = await openWorld(redis.url())
  const grant = (cluster: string, namespace: string) =>
    `  - { to: [carol@example.com], sets: [probe], on: [{ cluster: '${cluster}', namespaces: ${namespace} }] }\n`
  world.policy = `${world.policy}${grant('lab-*', 'payments')}${grant('d*', 'shop')}`
  const { checks } = await runDoctor(world)
  const names = checks.map(({ check }) => check).filter((check) => check.startsWith('cluster dev pods of '))
  expect(names).toEqual(['cluster dev pods of shop', 'cluster dev pods of all namespaces'])
})

test('what can’t be checked says so, and is not ok', async () => {
  world = await openWorld(redis.url())
  world.kubernetes.state.denied.add('get validatingadmissionpolicies').add('get namespaces')
  const { checks } = await runDoctor(world)
  const stateOf = (check: string) => checks.find((each) => each.check === check)
  expect(stateOf('cluster dev admission policy')).toMatchObject({
    state: 'not-checked',
    message: expect.stringMatching(/whether it is wider is not known/),
  })
  expect(stateOf('cluster dev debug namespace')).toMatchObject({
    state: 'not-checked',
    mend: expect.stringMatching(/kubectl get/),
  })
  expect(stateOf('Slack slash command')).toMatchObject({ state: 'not-checked' })
})

test('as text: each check on a line, what mends it below, and the counts', async () => {
  world = await openWorld(redis.url())
  world.env['RETINA_SEAL_KEY'] = ''
  const { code, stdout } = await cliHere(['doctor', '--config', world.write()], world.env)
  expect(code).toBe(1)
  expect(stdout).toMatch(
    /^FAILED {7}secret RETINA_SEAL_KEY: is not set\n {13}→ RETINA_SEAL_KEY="\$\(openssl rand -hex 32\)"/m,
  )
  expect(stdout).toMatch(/^ok {11}Redis persistence: append-only file$/m)
  expect(stdout).toMatch(/\n\d+ ok, 0 warning, 1 failed, 1 not checked\n$/)
})

test('a pause is a warning, with what ends it', async () => {
  world = await openWorld(redis.url())
  const file = world.write()
  await cliHere(['pause', '--reason', 'an upgrade', '--by', 'dora', '--config', file], world.env)
  const { code, checks } = await runDoctor(world)
  expect(checks.find(({ check }) => check === 'pause')).toMatchObject({
    state: 'warning',
    message: 'all runs are paused by dora: an upgrade',
    mend: expect.stringMatching(/retina-chatops resume/),
  })
  expect(code).toBe(0)
  await world.redis.flushall()
  world.config['paused'] = 'a freeze'
  const ordered = (await runDoctor(world)).checks.find(({ check }) => check === 'pause')
  expect(ordered).toMatchObject({ state: 'warning', mend: expect.stringMatching(/remove "paused"/) })
})

test('a cluster that --pull can’t reach is a failed check, beside all others', async () => {
  world = await openWorld(redis.url())
  world.kubeconfig.context = 'other'
  const { code, failed } = await runDoctor(world, '--pull', 'node001')
  expect(code).toBe(1)
  expect(failed).toContainEqual(
    expect.objectContaining({
      check: 'image on node node001',
      message: expect.stringMatching(/no context "other"/),
      mend: expect.stringMatching(/"cluster dev connection"/),
    }),
  )
})

test('no secret is shown', async () => {
  world = await openWorld(redis.url())
  const values = [
    'RETINA_SEAL_KEY',
    'SLACK_BOT_TOKEN',
    'SLACK_SIGNING_SECRET',
    'ENTRA_CLIENT_SECRET',
    'TEAMS_APP_SECRET',
  ]
  const all = [await runDoctor(world)]
  world.slack.misbehave(() => 'uninstalled')
  for (const tenant of world.entra.state.tenants.values()) tenant.consented = false
  all.push(await runDoctor(world))
  for (const { stdout, stderr } of all)
    for (const name of values) expect(`${stdout}${stderr}`).not.toContain(world.env[name])
})

test('a worker needs no secret with which only a bot receives', async () => {
  world = await openWorld(redis.url())
  world.env['SLACK_SIGNING_SECRET'] = ''
  expect(await runDoctor(world, '--role', 'worker')).toMatchObject({ code: 0, failed: [] })
  expect((await runDoctor(world, '--role', 'bot')).failed).toMatchObject([{ check: 'secret SLACK_SIGNING_SECRET' }])
  world.config['slack'] = `{ mode: socket, apiUrl: '${world.slack.apiUrl}' }`
  world.env['SLACK_APP_TOKEN'] = ''
  expect(await runDoctor(world, '--role', 'worker')).toMatchObject({ code: 0, failed: [] })
  expect((await runDoctor(world, '--role', 'bot')).failed).toMatchObject([{ check: 'secret SLACK_APP_TOKEN' }])
})
