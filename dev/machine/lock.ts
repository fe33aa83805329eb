import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

export type Lock = { release: () => Promise<void> }

/** Interval of messages while waiting for a lock. */
const messageIntervalMs = 60_000

/**
 * Acquires a lock of this machine; while it waits, it prints the lock's holder to standard error. The kernel releases the lock when the
 * process ends, however it ends. `user`: name of this process in the messages of those that wait for it.
 */
export async function lock(name: string, user: string): Promise<Lock> {
  const file = lockFile(name)
  const printHolder = () => process.stderr.write(`waiting: ${holder(file)} uses the ${name}\n`)
  const first = await tryLock(file, ['--nonblock'])
  if (first !== undefined) return withHolder(file, user, first)
  printHolder()
  const timer = setInterval(printHolder, messageIntervalMs)
  const own = await tryLock(file, []).finally(() => clearInterval(timer))
  if (own === undefined) throw new Error(`${file} can't be locked`)
  return withHolder(file, user, own)
}

/** Acquires a lock of this machine if it is free; rejects with its holder otherwise. */
export async function lockNow(name: string, user: string): Promise<Lock> {
  const file = lockFile(name)
  const own = await tryLock(file, ['--nonblock'])
  if (own === undefined) throw new Error(`${holder(file)} uses the ${name}: end it first, or wait for its end`)
  return withHolder(file, user, own)
}

/** Returns the path of a lock, the same for all checkouts on this machine. */
export const lockFile = (name: string) => `/tmp/retina-chatops-${name}.lock`

function withHolder(file: string, user: string, own: Lock): Lock {
  writeFileSync(file, `${user} (process ${process.pid})`)
  return own
}

function holder(file: string): string {
  const text = readFileSync(file, 'utf8').trim()
  return text === '' ? 'another process' : text
}

/** Starts a process that holds the lock until its standard input is closed. Resolves undefined if the lock isn't free. */
async function tryLock(file: string, flags: readonly string[]): Promise<Lock | undefined> {
  const args = [...flags, file, 'sh', '-c', 'echo locked; exec cat > /dev/null']
  const child = spawn('flock', args, { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const isLocked = await new Promise<boolean>((resolve, reject) => {
    child.stdout.once('data', () => resolve(true))
    child.once('exit', () => resolve(false))
    child.once('error', reject)
  })
  if (!isLocked) return undefined
  return {
    async release() {
      child.stdin.end()
      await ended
    },
  }
}
