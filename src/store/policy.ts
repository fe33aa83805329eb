import { unwatchFile, watchFile } from 'node:fs'
import type { Log } from '#core/ports'
import type { Timing } from '#core/timing'

/** A file's newest good content. */
export type Watched<T> = {
  current: () => T
  close: () => void
}

/**
 * Keeps what a file says up to date. A new version that is wrong changes nothing: the last good one stays in force, and
 * the log says so. Looks at the file by `stat`, since a ConfigMap's files are symbolic links that are exchanged.
 */
export function watchPolicy<T>(
  file: string,
  first: T,
  load: () => { ok: T } | { wrong: readonly string[] },
  { log, policyIntervalMs: interval }: { log: Log } & Pick<Timing, 'policyIntervalMs'>,
  changed: () => void,
): Watched<T> {
  let current = first
  const reload = () => {
    const loaded = load()
    if ('wrong' in loaded) {
      log.error({ file, mistakes: loaded.wrong }, 'the new policy file is wrong: the last good one stays in force')
      return
    }
    current = loaded.ok
    log.info({ file }, 'policy file read anew')
    changed()
  }
  watchFile(file, { interval, persistent: false }, reload)
  return { current: () => current, close: () => unwatchFile(file, reload) }
}
