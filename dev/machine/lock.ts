import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'

export type Lock = { release: () => Promise<void> }

/** Seconds between two messages while it is waited for. */
const remindEvery = 60

/**
 * Takes a lock of this machine, and says on standard error whom it waits for. The kernel releases it when the process ends, however it
 * does. `user`: what the next one is told.
 */
export async function lock(name: string, user: string): Promise<Lock> {
  const file = `/tmp/retina-chatops-${name}.lock`
  const remind = () => process.stderr.write(`waiting: ${holder(file)} uses the ${name}\n`)
  const first = await tryLock(file, ['--nonblock'])
  if (first !== undefined) return held(file, user, first)
  remind()
  const timer = setInterval(remind, remindEvery * 1_000)
  const own = await tryLock(file, []).finally(() => clearInterval(timer))
  if (own === undefined) throw new Error(`${file} can't be locked`)
  return held(file, user, own)
}

function held(file: string, user: string, own: Lock): Lock {
  writeFileSync(file, `${user} (process ${process.pid})`)
  return own
}

function holder(file: string): string {
  const text = readFileSync(file, 'utf8').trim()
  return text === '' ? 'another process' : text
}

/** By a process that keeps the lock until its standard input closes. Undefined where the lock isn't free. */
async function tryLock(file: string, flags: readonly string[]): Promise<Lock | undefined> {
  const words = [...flags, file, 'sh', '-c', 'echo locked; exec cat > /dev/null']
  const child = spawn('flock', words, { stdio: ['pipe', 'pipe', 'ignore'], detached: true })
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
