import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { chmodSync, mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * Environment variable with a cleanup's id, which its processes inherit. Objects in a cluster have the id as their label `cleanupLabel`.
 */
export const cleanupVariable = 'RETINA_CLEANUP'

export const cleanupLabel = 'retina-chatops.io/cleanup'

/** Removes what one process starts and creates, however that process ends. */
export type Cleanup = {
  id: string
  /** Registers a folder that is removed at the end. */
  addFolder: (path: string) => void
  /** Cleans up, and resolves when that is done. */
  close: () => Promise<void>
}

export type CleanupOptions = {
  /**
   * Given by processes that use the development cluster, as their name in messages to others: waits until no other process uses it. At the
   * end, a cluster that wasn't running before is stopped; from one that was, only objects with this cleanup's label are removed.
   */
  cluster?: string
}

/**
 * Creates a folder that is removed at the end, for the temporary files of this process and of those that it starts from now on; returns its
 * path.
 */
export function useTemporaryFolder(cleanup: Cleanup): string {
  const folder = mkdtempSync(join(tmpdir(), 'retina-'))
  // Tools that are run as other users must reach their files in it.
  chmodSync(folder, 0o711)
  cleanup.addFolder(folder)
  process.env['TMPDIR'] = folder
  return folder
}

/**
 * Starts a process that cleans up when this one ends, also by SIGKILL: it kills every process that this one has started since then, and
 * removes folders and objects in the development cluster. It notices the end by its standard input, which is closed with this process.
 */
export async function openCleanup({ cluster }: CleanupOptions = {}): Promise<Cleanup> {
  const id = randomUUID()
  const { [cleanupVariable]: _outer, ...env } = process.env
  const args = [join(import.meta.dirname, 'cleanup-process.ts'), id, ...(cluster === undefined ? [] : [cluster])]
  const child = spawn(process.execPath, args, { env, detached: true, stdio: ['pipe', 'pipe', 'inherit'] })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve())
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`the clean-up process ended with code ${code}`)))
  })
  // Neither the process nor its streams keep this process alive.
  child.unref()
  for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref: () => void }).unref()
  process.env[cleanupVariable] = id
  endWithNpm()
  return {
    id,
    addFolder: (path) => void child.stdin.write(`${JSON.stringify(path)}\n`),
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
