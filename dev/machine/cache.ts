import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Returns the cache folder of everything that is built once: `retina-chatops` in XDG_CACHE_HOME, or in ~/.cache. */
export function cacheRoot(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(base, 'retina-chatops')
}

/** Returns the first 16 hex digits of a SHA-256 hash over all inputs of a build. */
function fingerprint(...inputs: readonly string[]): string {
  const hash = createHash('sha256')
  for (const each of inputs) hash.update(`${each.length}:${each};`)
  return hash.digest('hex').slice(0, 16)
}

/**
 * Resolves with the folder `NAME-FINGERPRINT` of the cache; `build` fills it if it doesn't exist.
 * It is filled under another name and renamed at the end, so that an interrupted build is never used.
 */
export async function cached(
  name: string,
  inputs: readonly string[],
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheRoot(), `${name}-${fingerprint(...inputs)}`)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}.part`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  await build(unfinished)
  try {
    renameSync(unfinished, folder)
  } catch (error) {
    // Another process built the same meanwhile.
    if (!existsSync(folder)) throw error
    rmSync(unfinished, { recursive: true, force: true })
  }
  return folder
}
