import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'

/** Environment variable that processes of one cleanup have in common: its id. Objects in a cluster bear it as the label `cleanupLabel`. */
export const cleanupVariable = 'RETINA_CLEANUP'

export const cleanupLabel = 'retina-chatops.io/cleanup'

/** What one process starts and makes, and what is removed with it, however it ends. */
export type Cleanup = {
  id: string
  /** Removes this folder at the end. */
  folder: (path: string) => void
  /** Cleans up, and resolves when that is done. */
  close: () => Promise<void>
}

export type CleanupOptions = {
  /**
   * For what uses the dev cluster: waits until nothing else does, which this text tells the next one. A cluster that wasn't running before is
   * ended, from one that was only what bears this cleanup's label is removed.
   */
  cluster?: string
}

/**
 * Starts a process that cleans up when this one ends, also by SIGKILL: it ends every process that was started from here since then,
 * removes folders, and takes what was made out of the dev cluster. It notices the end by its standard input, which closes with this process.
 */
export async function openCleanup({ cluster }: CleanupOptions = {}): Promise<Cleanup> {
  const id = randomUUID()
  const { [cleanupVariable]: _outer, ...env } = process.env
  const words = [join(import.meta.dirname, 'cleanup-process.ts'), id, ...(cluster === undefined ? [] : [cluster])]
  const child = spawn(process.execPath, words, { env, detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the clean-up process ended with code ${code}`)))
  })
  // Neither of the two keeps this process from ending.
  child.unref()
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref: () => void }).unref()
  process.env[cleanupVariable] = id
  endWithNpm()
  return {
    id,
    folder: (path) => void child.stdin.write(`${JSON.stringify(path)}\n`),
    async close() {
      child.ref()
      child.stdin.end()
      await ended
      if (process.env[cleanupVariable] === id) delete process.env[cleanupVariable]
    },
  }
}

/**
 * Ends this process when the shell that npm started it with is gone: npm passes a signal on to that shell, which doesn't
 * pass it on to this process.
 */
function endWithNpm(): void {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM')
  }, 500).unref()
}
