import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Seconds that each test file took when all of them were run last with `--write-seconds`, by its path from the root. */
export const secondsFile = join(import.meta.dirname, 'seconds.json')

const known = JSON.parse(readFileSync(secondsFile, 'utf8')) as Record<string, number>

/** Undefined for a file that wasn't measured. */
export function seconds(path: string, root: string): number | undefined {
  return known[relative(root, path)]
}
