import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { waitUntil } from '#test/flow/wait-for'

const program = join(import.meta.dirname, '../../src/bin.js')

let folder = ''
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'retina-process-one-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Starts the program as process 1 of a pid namespace, as in a container, with a Redis that doesn't answer. */
function startAsProcessOne() {
  const file = join(folder, 'retina.yaml')
  const health = '{ host: 127.0.0.1, port: 0 }'
  writeFileSync(
    file,
    `clusters: [{ name: none }]
shell: { image: { repo: a, version: b } }
console: { people: [{ id: a@example.com, name: A }] }
http: ${health}
health: ${health}
`,
  )
  const kubeconfig = join(folder, 'kubeconfig')
  const empty = { server: 'https://127.0.0.1:1' }
  const entries = {
    contexts: [{ name: 'none', context: { cluster: 'none', user: 'none' } }],
    clusters: [{ name: 'none', cluster: empty }],
    users: [{ name: 'none', user: {} }],
  }
  writeFileSync(kubeconfig, JSON.stringify({ apiVersion: 'v1', kind: 'Config', 'current-context': 'none', ...entries }))
  const namespaces = [
    ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
    '--pid',
    '--fork',
    '--kill-child',
  ]
  const command = [...namespaces, process.execPath, program, 'start', '--config', file]
  const env = { ...process.env, KUBECONFIG: kubeconfig, REDIS_URL: 'redis://127.0.0.1:1' }
  const child = spawn('unshare', command, { env, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  /** Sends a signal to the program itself, from outside its namespace, as a container runtime does. */
  const signal = (name: NodeJS.Signals) => {
    const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim())
    process.kill(pid, name)
  }
  return { said: () => said, ended, signal, kill: () => child.kill('SIGKILL') }
}

test.each<[NodeJS.Signals, number]>([
  ['SIGTERM', 143],
  ['SIGINT', 130],
])('%s ends a program that is still starting as process 1 of a container', async (name, code) => {
  const one = startAsProcessOne()
  try {
    await waitUntil('it waits for Redis', () => one.said().includes('waiting for it'), 20, one.said)
    one.signal(name)
    expect(await one.ended).toBe(code)
  } finally {
    one.kill()
  }
})
