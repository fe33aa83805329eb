import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Log } from '#core/ports/log'
import type { Timing } from '#core/util/default-timings'

/** The newest valid content of a file. */
export type WatchedFile<T> = {
  current: () => T
  close: () => void
}

/**
 * Watches a file and provides its newest valid content. An invalid version changes nothing: the last valid one stays in
 * force, and the log says so. Polls with `stat`, since a ConfigMap's files are symbolic links that are replaced.
 */
export function watchFileContent<T>(
  file: string,
  first: T,
  load: () => { ok: T } | { wrong: readonly string[] },
  { log, policyIntervalMs: intervalMs }: { log: Log } & Pick<Timing, 'policyIntervalMs'>,
  changed: () => void,
): WatchedFile<T> {
  let current = first
  const reload = (isFirst: boolean) => {
    const loaded = load()
    if ('wrong' in loaded) {
      log.error({ file, mistakes: loaded.wrong }, 'the new policy file is invalid; the last valid one stays in effect')
      return
    }
    // Compares the content: the file may have changed after it was loaded and before it was watched.
    if (isFirst && isDeepStrictEqual(loaded.ok, current)) return
    current = loaded.ok
    log.info({ file }, 'policy file reloaded')
    changed()
  }
  let seenVersion: string | undefined
  let isPolling = false
  let closed = false
  const poll = async () => {
    if (isPolling) return
    isPolling = true
    const version = await versionOf(file)
    isPolling = false
    if (closed || version === seenVersion) return
    const isFirst = seenVersion === undefined
    seenVersion = version
    reload(isFirst)
  }
  const timer = setInterval(() => void poll(), intervalMs)
  timer.unref()
  return {
    current: () => current,
    close() {
      closed = true
      clearInterval(timer)
    },
  }
}

/** Returns a text that changes whenever the file is written, replaced or removed. */
function versionOf(file: string): Promise<string> {
  return stat(file, { bigint: true }).then(
    ({ ino, size, mtimeNs, ctimeNs }) => [ino, size, mtimeNs, ctimeNs].join(' '),
    () => 'gone',
  )
}
