import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePort } from '#dev/machine/free-port'
import { cli, startCli } from '#test/cli/run-cli'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { atEnd } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'

const redis = useRedis()
const cluster = useCluster()
let folder = ''
let file = ''
let port = 0
const env = () => ({ REDIS_URL: redis.url(), KUBECONFIG: cluster().kubeconfig })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retina-console-'))
  file = join(folder, 'retina.yaml')
  port = await freePort()
  const hooks = await freePort()
  writeFileSync(
    file,
    `clusters: [{ name: dev, context: dev }]
shell: { image: { repo: localhost/retina-chatops/shell, version: dev }, ${cluster().settings.shell}, keep: off, keepInPods: off }
capabilitySets: { probe: { tools: [ping, dig, nc] }, host-read: { tools: [systemctl, cat], capabilities: [SYS_CHROOT], host: { filesystem: read-only, pid: true } } }
grants: [{ to: [alice@example.com], sets: [probe, host-read], on: [{ nodes: '*' }] }]
console: { people: [{ id: alice@example.com, name: Alice }, { id: carol@example.com, name: Carol }] }
http: { host: 127.0.0.1, port: ${hooks} }
health: { port: ${port} }
`,
  )
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function startProgram() {
  const program = startCli(['start', '--config', file], env())
  atEnd(async () => void program.child.kill('SIGKILL'))
  await waitUntil(
    'it is ready',
    async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok === true,
  )
  return program
}

const run = (person: string, ...args: string[]) => cli(['run', '--config', file, '--as', person, '--', ...args], env())

test('the console adapter prints the thread as it grows; its exit code is the tool’s; SIGTERM drains', async () => {
  const program = await startProgram()
  const [good, failed, service, refused, misspelt] = await Promise.all([
    run('alice@example.com', 'shell', 'node001', 'dig', '+short', 'example.com'),
    run('alice@example.com', 'shell', 'node001', 'nc', '-zv', '127.0.0.1', '1'),
    run('alice@example.com', 'shell', 'node001', 'systemctl', 'is-active', 'kubelet'),
    run('carol@example.com', 'shell', 'node001', 'dig', 'x'),
    run('alice@example.com', 'shell', 'node001', 'digg', 'x'),
  ])
  expect(good.code).toBe(0)
  expect(good.stdout).toContain('Queued: dig +short example.com on node/node001')
  expect(good.stdout).toContain('\n93.184.215.14\n')
  expect(good.stdout).toMatch(/Done, exit code 0, after .* s: dig/)
  expect(failed.code).toBe(1)
  expect(failed.stdout).toContain('Connection refused')
  expect(service).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nactive\n/) })
  expect(refused.code).toBe(4)
  expect(misspelt.code).toBe(2)

  const slow = startCli(
    ['run', '--config', file, '--as', 'alice@example.com', '--', 'shell', 'node001', 'ping', '-c', '4', '127.0.0.1'],
    env(),
  )
  await waitUntil('the ping runs', () => slow.stdout().includes('icmp_seq=1'))
  program.child.kill('SIGTERM')
  const ended = await program.ended
  expect(ended.code).toBe(0)
  expect(ended.stderr).toContain('"draining: no new runs are accepted; running ones finish"')
  expect((await slow.ended).stdout).toContain('4 packets transmitted, 4 received')
  expect(await debugPods(cluster())).toEqual([])
  // Every log line is JSON, and those of runs carry the run's id.
  const lines = ended.stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { run?: string; msg: string })
  expect(lines.some(({ msg }) => msg.includes("can reach the cloud's metadata service"))).toBe(true)
  expect(lines.filter(({ msg }) => msg === 'run ended').every(({ run: id }) => /^[a-z2-7]{12}$/.test(id ?? ''))).toBe(
    true,
  )
})

test('without a worker the console prints what it waits for; a queued run is executed when a worker starts', async () => {
  const waiting = startCli(
    ['run', '--config', file, '--as', 'alice@example.com', '--', 'shell', 'node001', 'ping', '-c', '1', '127.0.0.1'],
    env(),
  )
  await waitUntil('the console prints that', () =>
    waiting.stdout().includes('No worker is running; the run stays queued until one starts.'),
  )
  const program = await startProgram()
  expect(await waiting.ended).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('1 packets transmitted, 1 received'),
  })
  program.child.kill('SIGTERM')
  await program.ended
})
