import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheRoot } from '#dev/machine/cache'

/** Folder of the running cluster: keys, logs, disks of the nodes. `down` removes all of it but the logs. */
export function stateFolder(...parts: readonly string[]): string {
  return join(cacheRoot(), 'dev-cluster', ...parts)
}

/** The same, made if it isn't there. */
export function ensureFolder(...parts: readonly string[]): string {
  const folder = stateFolder(...parts)
  mkdirSync(folder, { recursive: true })
  return folder
}
