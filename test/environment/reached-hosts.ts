import '../../src/core/util/disable-background-compilers.js'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from '#dev/machine/run'
import { serveDns } from './dns-answers.ts'

/** What is run, where, and which addresses are bound to the loopback interface. All but `harmless` count as reached. */
export type Trial = {
  rootfs: string
  commands: readonly (readonly string[])[]
  denied: readonly string[]
  harmless: readonly string[]
  /** Addresses of names, and of all names below a domain as `*.DOMAIN`. */
  names: Readonly<Record<string, readonly string[]>>
  search: string
}

const ports = [80, 443, 3128, 5201, 10250]

/**
 * Runs commands in the shell image's file system, in network and mount namespaces of their own, and tells which of them
 * connected to a denied address. Needs root. Nothing leaves the machine: the namespace has a loopback interface only.
 */
export async function runTrial(trial: Trial): Promise<boolean[]> {
  const folder = mkdtempSync(join(tmpdir(), 'retina-reached-'))
  try {
    writeFileSync(join(folder, 'trial.json'), JSON.stringify(trial))
    const output = await run('unshare', ['--net', '--mount', process.execPath, import.meta.filename, folder])
    return JSON.parse(output.trim().split('\n').at(-1) ?? '')
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Returns the addresses of a name; a name without any may be covered by a wildcard. */
export function toAddresses(names: Trial['names'], name: string): readonly string[] {
  const wildcard = Object.keys(names).find((each) => each.startsWith('*.') && name.endsWith(each.slice(1)))
  return (Object.hasOwn(names, name) ? names[name] : names[wildcard ?? '']) ?? []
}

/** Prepares the namespaces: addresses, name server, and the files that a container would have. */
async function prepare({ rootfs, denied, harmless, search }: Trial, folder: string): Promise<void> {
  await run('ip', ['link', 'set', 'lo', 'up'])
  const own = ['127.0.0.1', '::1']
  for (const address of [...denied, ...harmless].filter((each) => !own.includes(each)))
    await run('ip', ['address', 'add', `${address}/${address.includes(':') ? '128' : '32'}`, 'dev', 'lo', 'nodad'])
  const etc = join(folder, 'etc')
  cpSync(join(rootfs, 'etc'), etc, { recursive: true, verbatimSymlinks: true })
  rmSync(join(etc, 'resolv.conf'), { force: true })
  writeFileSync(
    join(etc, 'resolv.conf'),
    `nameserver 127.0.0.53\nsearch ${search}\noptions ndots:5 timeout:1 attempts:1\n`,
  )
  writeFileSync(join(etc, 'hosts'), '127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n')
  await run('mount', ['--bind', etc, join(rootfs, 'etc')])
  for (const name of ['dev', 'tmp']) await run('mount', ['-t', 'tmpfs', 'tmpfs', join(rootfs, name)])
  for (const device of ['null', 'urandom']) {
    writeFileSync(join(rootfs, 'dev', device), '')
    await run('mount', ['--bind', `/dev/${device}`, join(rootfs, 'dev', device)])
  }
}

/** Listens at all addresses; `onReached` is called where a denied one is connected to. Harmless ones redirect there. */
async function listen({ denied, harmless, names }: Trial, onReached: () => void): Promise<void> {
  const redirect = 'HTTP/1.0 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n'
  const answer = 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok'
  for (const host of [...denied, ...harmless]) {
    const isDenied = denied.includes(host)
    for (const port of ports) {
      const server = createServer((socket) => {
        if (isDenied) onReached()
        socket.on('error', () => undefined)
        socket.setTimeout(100, () => socket.destroy())
        socket.once('data', () => socket.end(isDenied ? answer : redirect))
      })
      server.listen(port, host)
      await once(server, 'listening')
    }
    await serveDns(
      host,
      () => [],
      () => isDenied && onReached(),
    )
  }
  await serveDns(
    '127.0.0.53',
    (name) => toAddresses(names, name),
    () => undefined,
  )
}

async function runCommand(rootfs: string, argv: readonly string[]): Promise<void> {
  const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8', HOME: '/tmp' }
  const child = spawn('chroot', [rootfs, ...argv], { env, stdio: 'ignore', timeout: 2_000, killSignal: 'SIGKILL' })
  await once(child, 'close')
}

if (process.argv[1] === import.meta.filename) {
  const folder = process.argv[2] ?? ''
  const trial: Trial = JSON.parse(readFileSync(join(folder, 'trial.json'), 'utf8'))
  let reached = false
  await prepare(trial, folder)
  await listen(trial, () => {
    reached = true
  })
  const results: boolean[] = []
  for (const argv of trial.commands) {
    reached = false
    await runCommand(trial.rootfs, argv)
    // The program's end may be noticed before its connection: both wait in the same turn of the event loop.
    for (const _turn of [1, 2]) await new Promise((resolve) => setImmediate(resolve))
    results.push(reached)
  }
  console.log(JSON.stringify(results))
  process.exit(0)
}
