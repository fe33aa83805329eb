import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** The user's cache folder for everything that is built once: XDG_CACHE_HOME, or ~/.cache. */
export function cacheRoot(): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return join(base, 'retina-chatops')
}

/** Hex of the first 16 hash characters over everything that a cached thing is made from. */
function fingerprint(...ingredients: readonly string[]): string {
  const hash = createHash('sha256')
  for (const each of ingredients) hash.update(`${each.length}:${each};`)
  return hash.digest('hex').slice(0, 16)
}

/**
 * Returns the folder `NAME-FINGERPRINT` of the cache; `build` fills it when it isn't there.
 * It is filled under another name and renamed at the end, so a build that was cut off is never taken for a whole one.
 */
export async function cached(
  name: string,
  ingredients: readonly string[],
  build: (folder: string) => Promise<void>,
): Promise<string> {
  const folder = join(cacheRoot(), `${name}-${fingerprint(...ingredients)}`)
  if (existsSync(folder)) return folder
  const unfinished = `${folder}.${process.pid}.part`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  await build(unfinished)
  renameSync(unfinished, folder)
  return folder
}
