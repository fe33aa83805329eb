import { stat } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Log } from '#core/ports/log'
import type { Timing } from '#core/util/default-timings'

/** The newest valid content of a file. */
export type WatchedFile<T> = {
  current: () => T
  close: () => void
}

/** `also`: returns the paths of further files, a change of which counts as a change of the file. */
type WatchOptions = { log: Log; also?: () => readonly string[] } & Pick<Timing, 'policyIntervalMs'>

/**
 * Watches a file and provides its newest valid content. An invalid version changes nothing: the last valid one stays in
 * force, and the log says so. Polls with `stat`, since a ConfigMap's files are symbolic links that are replaced.
 */
export function watchFileContent<T>(
  file: string,
  first: T,
  load: () => { ok: T } | { wrong: readonly string[] },
  { log, policyIntervalMs: intervalMs, also = () => [] }: WatchOptions,
  changed: () => void,
): WatchedFile<T> {
  let current = first
  const reload = () => {
    const loaded = load()
    if ('wrong' in loaded) {
      log.error({ file, mistakes: loaded.wrong }, 'the new policy file is invalid; the last valid one stays in effect')
      return
    }
    // Compares the content: the file may have changed after it was loaded and before it was watched, and a new version may
    // name further files whose content is loaded already.
    if (isDeepStrictEqual(loaded.ok, current)) return
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
    const version = (await Promise.all([file, ...also()].map(versionOf))).join('\n')
    isPolling = false
    if (closed || version === seenVersion) return
    seenVersion = version
    reload()
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
