import type { AttachedShell } from '#core/ports/terminal'
import type { TerminalContext } from './context.ts'

/** Bytes that are acknowledged at once; fewer wait for further ones. */
const eagerBytes = 32 * 1_024
/** Milliseconds for which acknowledgements are collected. */
const collectMs = 500
/** Seconds for which a position is stored: longer than any session. */
const positionSeconds = 24 * 3_600

/** Returns the number of the first output byte that a session's runner still holds. */
export async function releasedUpTo({ store }: Pick<TerminalContext, 'store'>, id: string): Promise<number> {
  const stored = await store.getValue('terminal-position', id)
  return stored === undefined || stored === 'broken' ? 0 : stored.released
}

/**
 * Creates what releases output that a browser has parsed. The position is stored before the runner forgets the bytes: a browser that comes
 * without a screen of its own, to any process, knows from where on there are any.
 */
export function createReleases(
  { store, log }: Pick<TerminalContext, 'store' | 'log'>,
  id: string,
  from: number,
  shell: Pick<AttachedShell, 'acknowledge'>,
): (upTo: number) => void {
  let [released, wanted] = [from, from]
  let isBusy = false
  let timer: NodeJS.Timeout | undefined
  const work = async () => {
    if (isBusy) return
    isBusy = true
    try {
      while (wanted > released) {
        const next = wanted
        await store.setValue('terminal-position', id, { released: next }, positionSeconds)
        shell.acknowledge(next)
        released = next
      }
    } catch (error) {
      // Redis is away: the shell is held back until the next acknowledgement.
      log.warn({ run: id, error: String(error) }, 'a session position could not be stored')
      timer = setTimeout(start, collectMs)
    } finally {
      isBusy = false
    }
  }
  const start = () => {
    clearTimeout(timer)
    timer = undefined
    void work()
  }
  return (upTo) => {
    wanted = Math.max(wanted, upTo)
    if (wanted - released >= eagerBytes) start()
    else timer ??= setTimeout(start, collectMs)
  }
}
