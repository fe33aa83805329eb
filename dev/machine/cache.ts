import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, join } from 'node:path'
import { lock } from './lock.ts'

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
 * It is filled under another name and renamed at the end, so that an interrupted build is never used. One process builds it at a time; the
 * others wait and use its result.
 */
export async function cached(
  name: string,
  inputs: readonly string[],
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheRoot(), `${name}-${fingerprint(...inputs)}`)
  if (isThere(folder)) return folder
  const own = await lock(`build-${basename(folder)}`, `a build of ${name}`)
  try {
    if (isThere(folder)) return folder
    const unfinished = `${folder}.${process.pid}.part`
    // Of builds that were killed.
    for (const each of globSync(`${folder}.*.part`)) rmSync(each, { recursive: true, force: true })
    mkdirSync(unfinished, { recursive: true })
    await build(unfinished)
    renameSync(unfinished, folder)
    return folder
  } finally {
    await own.release()
  }
}

/** Returns true if the folder exists, and records that it was used now. */
function isThere(folder: string): boolean {
  if (!existsSync(folder)) return false
  const now = new Date()
  utimesSync(folder, now, now)
  return true
}

/** Deletes the folders `NAME-…` of the cache that were not used for this long (milliseconds). */
export function removeUnused(name: string, ageMs: number): void {
  for (const entry of readdirSync(cacheRoot())) {
    const folder = join(cacheRoot(), entry)
    if (!entry.startsWith(`${name}-`) || Date.now() - statSync(folder).mtimeMs < ageMs) continue
    rmSync(folder, { recursive: true, force: true })
  }
}
