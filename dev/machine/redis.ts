import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { installPackages } from './debian.ts'
import { freePort } from './free-port.ts'

export type RedisServer = {
  url: string
  pid: number
  /** Stops the server and resolves when it has exited; its data stays in its folder. */
  stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>
}

/** Installs Debian's Redis if it is missing. */
export async function installRedis(): Promise<void> {
  await installPackages(['redis-server'])
}

/** Starts a Redis on the loopback address with an append-only file, on `port` or a free one. Installs Debian's package if it is missing. */
export async function startRedis(options: {
  folder: string
  port?: number
  /** Variables in addition to this process's environment. */
  env?: Record<string, string>
  /** Flags of redis-server in addition to those that all have. */
  flags?: Record<string, string>
}): Promise<RedisServer> {
  await installRedis()
  mkdirSync(options.folder, { recursive: true })
  const port = options.port ?? (await freePort())
  const flags = {
    port,
    bind: '127.0.0.1',
    dir: options.folder,
    appendonly: 'yes',
    save: '',
    daemonize: 'no',
    // Its title would be written over its environment, by which a clean-up finds it.
    'set-proc-title': 'no',
    ...options.flags,
  }
  const args = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
  // In its own process group: Ctrl-C in the terminal reaches the process that started it, which stops Redis last.
  const child = spawn('redis-server', args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
    env: { ...process.env, ...options.env },
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-4_000)
      if (output.includes('Ready to accept connections')) resolve()
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}:\n${output}`)))
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      await exited
    },
  }
}

/**
 * Resolves with the flags of a server that is a Redis Cluster. Its port for other servers of the cluster is 10,000 above its own unless it
 * is named, where the kernel may have given it to a connection.
 */
export async function clusterFlags(): Promise<Record<string, string>> {
  return { 'cluster-enabled': 'yes', 'cluster-port': String(await freePort()) }
}
