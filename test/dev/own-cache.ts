import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes an empty folder the cache of this process. `remove` deletes it, and restores the previous one. */
export function openOwnCache(): { folder: string; remove: () => void } {
  const before = process.env['XDG_CACHE_HOME']
  const folder = mkdtempSync(join(tmpdir(), 'retina-cache-'))
  process.env['XDG_CACHE_HOME'] = folder
  return {
    folder,
    remove() {
      rmSync(folder, { recursive: true, force: true })
      if (before === undefined) delete process.env['XDG_CACHE_HOME']
      else process.env['XDG_CACHE_HOME'] = before
    },
  }
}
