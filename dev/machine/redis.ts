import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { installPackages } from './debian.ts'

export type RedisServer = {
  url: string
  pid: number
  /** Ends the server and resolves when it is gone; what it holds stays in its folder. */
  stop: (signal?: 'SIGTERM' | 'SIGKILL') => Promise<void>
}

/** A Redis of one's own on loopback, append-only file on, on `port` or a free one. Installs Debian's package where it is missing. */
export async function startRedis(options: {
  folder: string
  port?: number
  /** Beside this process' own. */
  env?: Record<string, string>
}): Promise<RedisServer> {
  await installPackages(['redis-server'])
  mkdirSync(options.folder, { recursive: true })
  const port = options.port ?? (await freePort())
  const flags = { port, bind: '127.0.0.1', dir: options.folder, appendonly: 'yes', save: '', daemonize: 'no' }
  const words = Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)])
  // In a process group of its own: a Ctrl-C in the terminal is for whoever started it, who ends it last.
  const child = spawn('redis-server', words, {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
    env: { ...process.env, ...options.env },
  })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    let said = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4_000)
      if (said.includes('Ready to accept connections')) resolve()
    })
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`redis-server ended with code ${code}:\n${said}`)))
  })
  return {
    url: `redis://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      await gone
    },
  }
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
