import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Log } from '#core/ports/log'
import type { Timing } from '#core/util/timing'

/** A file's newest good content. */
export type WatchedFile<T> = {
  current: () => T
  close: () => void
}

/**
 * Keeps what a file says up to date. A new version that is wrong changes nothing: the last good one stays in force, and
 * the log says so. Looks at the file by `stat`, since a ConfigMap's files are symbolic links that are exchanged.
 */
export function watchFileContent<T>(
  file: string,
  first: T,
  load: () => { ok: T } | { wrong: readonly string[] },
  { log, policyIntervalMs: interval }: { log: Log } & Pick<Timing, 'policyIntervalMs'>,
  changed: () => void,
): WatchedFile<T> {
  let current = first
  const reload = (isFirst: boolean) => {
    const loaded = load()
    if ('wrong' in loaded) {
      log.error({ file, mistakes: loaded.wrong }, 'the new policy file is wrong: the last good one stays in force')
      return
    }
    // It may have changed since it was loaded, before it was watched.
    if (isFirst && isDeepStrictEqual(loaded.ok, current)) return
    current = loaded.ok
    log.info({ file }, 'policy file read anew')
    changed()
  }
  let seen: string | undefined
  let looking = false
  let closed = false
  const look = async () => {
    if (looking) return
    looking = true
    const version = await versionOf(file)
    looking = false
    if (closed || version === seen) return
    const isFirst = seen === undefined
    seen = version
    reload(isFirst)
  }
  const timer = setInterval(() => void look(), interval)
  timer.unref()
  return {
    current: () => current,
    close() {
      closed = true
      clearInterval(timer)
    },
  }
}

/** What is another one whenever the file was written, replaced or removed. */
function versionOf(file: string): Promise<string> {
  return stat(file, { bigint: true }).then(
    ({ ino, size, mtimeNs, ctimeNs }) => [ino, size, mtimeNs, ctimeNs].join(' '),
    () => 'gone',
  )
}
