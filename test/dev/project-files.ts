import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')

/** Returns the project's files, relative to its top level: what Git tracks, and what it would if it were added. */
export function projectFiles(): readonly string[] {
  const list = ['ls-files', '--cached', '--others', '--exclude-standard']
  const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).split('\n')
  return files.filter((file) => file !== '' && existsSync(join(root, file)))
}
