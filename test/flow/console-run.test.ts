import { expect, test } from '@jest/globals'
import { knownNames } from '#src/app/policy-file'
import { runConsole } from '#src/app/run-console'
import { loadConfig } from '#src/config/load'
import { expectValid } from '#test/config/expect-valid'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { silentLog } from '#test/samples/run'
import { openApp } from './app.ts'
import { sealKey } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const policy = `
capabilitySets:
  probe: { tools: [dig, ping] }
  host-write: { tools: ['*'], host: { filesystem: read-write }, effect: write, approval: { from: [bob@example.com] } }
grants:
  - { to: [alice@example.com], sets: [probe, host-write], on: [{ nodes: '*' }] }
  - { to: [bob@example.com], sets: [probe], on: [{ nodes: '*' }] }`

const nodes = ['web011', 'web012', 'web013'].map((name) => ({
  ...{ uid: `uid-${name}`, name, status: 'Ready', os: 'linux', version: 'v1.36.0', labels: { tier: 'edge' } },
}))

/** Opens the program with its worker, and a terminal beside it. */
async function open() {
  await redis.empty()
  const tools = {
    dig: (argv: readonly string[], { node }: { node: string }) =>
      argv.includes('slow')
        ? [{ out: 'begun\n' }, { pause: 60_000 }]
        : argv.includes('broken') && node === 'web012'
          ? [{ err: 'no servers could be reached\n' }, { end: { reason: 'failed' as const, exitCode: 9 } }]
          : [{ out: `answer on ${node}\n` }],
  }
  const cluster = fakeCluster('dev', tools, nodes)
  const app = await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy })
  const loaded = expectValid(loadConfig(app.file, { RETINA_SEAL_KEY: sealKey, REDIS_URL: redis.url() }, knownNames()))
  const printed: string[] = []
  const run = async (text: string, output: 'text' | 'json' = 'text', signal = new AbortController().signal) => {
    printed.length = 0
    const print = (line: string) => void printed.push(line)
    const options = { config: loaded.config, file: app.file, as: 'alice@example.com', text, output, print, signal }
    const code = await runConsole({
      ...options,
      printNote: print,
      log: silentLog,
      openCluster: () => cluster,
      timing: app.timing,
    })
    return { code, printed: printed.join('\n'), lines: [...printed] }
  }
  return { ...app, cluster, printed, run }
}

test('a command on many targets is waited for in a terminal; its exit code says how it ended', async () => {
  const { run, cluster } = await open()
  const good = await run('shell -l tier=edge dig x.example')
  expect(good).toMatchObject({ code: 0, printed: expect.stringContaining('Done on 3') })
  expect(cluster.launched).toHaveLength(3)
  const bad = await run('shell -l tier=edge dig broken')
  expect(bad.code).toBe(9)
  expect(bad.printed).toContain('node/web011: Done, exit code 0')
  expect(bad.printed).toContain('node/web012: Failed, exit code 9')
})

test('Ctrl-C cancels a command on many targets', async () => {
  const { run, cluster } = await open()
  const stop = new AbortController()
  const running = run('shell -l tier=edge dig slow', 'text', stop.signal)
  await waitUntil('it runs everywhere', () => cluster.live.size === 3)
  stop.abort()
  expect(await running).toMatchObject({ code: 130, printed: expect.stringContaining('Canceled') })
  await waitUntil('nothing runs', () => cluster.live.size === 0)
})

test('a request that is denied ends the command in a terminal', async () => {
  const { run, people, printed } = await open()
  const requested = run('shell -w --reason full web011 dd if=/dev/zero of=/host/x', 'json')
  await waitUntil('approval is requested', () => printed.length > 0)
  const { id } = JSON.parse(printed[0] ?? '') as { id: string }
  await people.command('U0BOB', `deny ${id} not now`)
  const { code, lines } = await requested
  expect(code).toBe(4)
  expect(lines.map((line) => JSON.parse(line) as object).at(-2)).toMatchObject({
    kind: 'asking',
    content: { state: 'denied' },
  })
})

test('as JSON, a run’s thread is one line a message', async () => {
  const { run } = await open()
  const { code, lines } = await run('shell web011 dig x.example', 'json')
  expect(code).toBe(0)
  const events = lines.map(
    (line) => JSON.parse(line) as { event: string; kind?: string; id?: string; content?: object },
  )
  expect(events.at(-1)).toEqual({ event: 'exit', code: 0 })
  expect(events.at(-2)).toMatchObject({
    kind: 'ended',
    content: { end: { reason: 'completed', exitCode: 0 }, output: { tail: 'answer on web011' } },
  })
  expect(new Set(events.slice(0, -1).map(({ id }) => id)).size).toBe(1)
})
