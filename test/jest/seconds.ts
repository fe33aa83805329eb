import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** Path of the file with the seconds that each test file took in the last run with `--write-seconds`, by path from the root. */
export const secondsFile = join(import.meta.dirname, 'seconds.json')

const recorded = JSON.parse(readFileSync(secondsFile, 'utf8')) as Record<string, number>

/** Returns the seconds that a test file took; undefined if it wasn't measured. */
export function seconds(path: string, root: string): number | undefined {
  return recorded[relative(root, path)]
}
