import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { cacheRoot } from '#dev/machine/cache'

/** Returns a path in the cluster's folder, which has its keys, its logs and the nodes' disks. `down` removes all of it but the logs. */
export function stateFolder(...parts: readonly string[]): string {
  return join(cacheRoot(), 'dev-cluster', ...parts)
}

/** Returns the same path, after creating the folder if it doesn't exist. */
export function ensureFolder(...parts: readonly string[]): string {
  const folder = stateFolder(...parts)
  mkdirSync(folder, { recursive: true })
  return folder
}
