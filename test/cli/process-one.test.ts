import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { waitUntil } from '#test/flow/wait-for'
import { follow, program, writeUnreachableKubeconfig } from './run-cli.ts'

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
  const namespaces = [
    ...(process.getuid?.() === 0 ? [] : ['--user', '--map-root-user']),
    '--pid',
    '--fork',
    '--kill-child',
  ]
  const command = [...namespaces, process.execPath, program, 'start', '--config', file]
  const env = { ...process.env, KUBECONFIG: writeUnreachableKubeconfig(folder), REDIS_URL: 'redis://127.0.0.1:1' }
  const { child, ended, stderr } = follow(spawn('unshare', command, { env }))
  /** Sends a signal to the program itself, from outside its namespace, as a container runtime does. */
  const signal = (name: NodeJS.Signals) => {
    const pid = Number(readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim())
    process.kill(pid, name)
  }
  return { stderr, ended, signal, kill: () => child.kill('SIGKILL') }
}

test.each<[NodeJS.Signals, number]>([
  ['SIGTERM', 143],
  ['SIGINT', 130],
])('%s ends a program that is still starting as process 1 of a container', async (name, code) => {
  const one = startAsProcessOne()
  try {
    await waitUntil('it waits for Redis', () => one.stderr().includes('waiting for it'), { instead: one.stderr })
    one.signal(name)
    expect((await one.ended).code).toBe(code)
  } finally {
    one.kill()
  }
})
