import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const fixtures = join(here, '../../../fixtures')

const linesOf = (file: string) =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')

/** Returns lines without secrets, chosen because they resemble some: written by hand, and recorded of tools and files of Debian. */
export function lookAlikes(): string[] {
  return ['harmless.txt', 'harmless-recorded.txt']
    .flatMap((name) => linesOf(join(here, name)))
    .filter((line) => !line.startsWith('# '))
}

/** Returns the distinct lines of all recorded outputs of tools. */
export function toolLines(): string[] {
  const files = readdirSync(fixtures, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.parentPath !== fixtures && !entry.parentPath.includes('/recorded'))
    .map((entry) => join(entry.parentPath, entry.name))
  return [...new Set(files.flatMap(linesOf))].filter((line) => /^[\t\x20-\x7e]*$/.test(line))
}
