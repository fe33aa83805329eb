import type { Log } from '#core/ports/log'

/** Unexpected errors that a process survives within the window; with one more it reports that it should be restarted. */
const maxErrors = 5
const windowMs = 10 * 60_000
/** Errors that are logged within the window: an error of logging itself can't go on forever. */
const maxLogged = 50

export type UnexpectedErrors = {
  /** Takes an error that nothing caught. */
  caught: (error: unknown) => void
  /** Returns why the process should be restarted; undefined while it is well. */
  problem: () => string | undefined
}

/**
 * Counts errors that nothing else caught. A single one is a defect of one request or message, and no reason to end the runs of everybody else. What
 * comes again and again may have left the process in a state that nobody knows: then `/healthz` fails, so that Kubernetes restarts it, which drains
 * it first. Decision 030. `now` in milliseconds.
 */
export function countUnexpectedErrors(log: Log, now: () => number): UnexpectedErrors {
  let times: number[] = []
  const recent = () => {
    times = times.filter((time) => now() - time < windowMs)
    return times.length
  }
  return {
    caught(error) {
      if (recent() < maxLogged) times.push(now())
      if (times.length < maxLogged) log.error({ ...describe(error), count: times.length }, 'unexpected error')
    },
    problem() {
      const count = recent()
      return count > maxErrors ? `${count} unexpected errors in ${windowMs / 60_000} minutes` : undefined
    },
  }
}

/** Describes an error by its place; without the message of a parser, which quotes what somebody sent (T39). */
function describe(error: unknown): { error: string; stack?: readonly string[] } {
  if (!(error instanceof Error)) return { error: typeof error }
  const { name, message, stack = '' } = error
  const places = stack.split('\n').filter((line) => line.startsWith('    at '))
  const text = error instanceof SyntaxError ? name : `${name}: ${message.slice(0, 300)}`
  return { error: text, stack: places.slice(0, 10).map((line) => line.trim()) }
}

/** Lets the process survive errors that nothing caught, from now on; returns the function that ends that. */
export function surviveUnexpectedErrors(errors: UnexpectedErrors): () => void {
  const caught = (error: unknown) => errors.caught(error)
  process.on('uncaughtException', caught)
  process.on('unhandledRejection', caught)
  return () => {
    process.off('uncaughtException', caught)
    process.off('unhandledRejection', caught)
  }
}
