import type { Stage } from '#core/request/request'
import type { End } from './run.ts'

/** Tools whose exit code 1 says that nothing matches, and is no failure. Source: grep(1), pgrep(1), pidof(8). */
const searching: ReadonlySet<string> = new Set(['grep', 'pgrep', 'pidof'])

/** Returns an ending with the reason `nothing-found` where the last tool only found nothing. */
export function withNothingFound(end: End, pipeline: readonly Pick<Stage, 'argv'>[]): End {
  const argv = pipeline.at(-1)?.argv ?? []
  const [program = ''] = argv[0] === 'chroot' ? argv.slice(2) : argv
  const isFruitless = end.reason === 'failed' && end.exitCode === 1 && searching.has(program)
  return isFruitless ? { ...end, reason: 'nothing-found' } : end
}
