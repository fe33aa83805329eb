import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Control } from './control.ts'
import { type Report, type Seen, seenIn } from './outcome.ts'

/** Milliseconds that the tests of one control may take. */
const longest = 15 * 60_000

/** A copy of a checkout, in which controls are taken out. */
export type Tree = {
  /** Runs the tests of these files, side by side by as many processes as `workers`. */
  test: (files: readonly string[], workers: number) => Promise<Seen>
  /** Does this while the control is taken out. Throws where its text doesn't occur once. */
  without: <T>(control: Pick<Control, 'name' | 'file' | 'find' | 'replace'>, work: () => Promise<T>) => Promise<T>
}

/** Copies a checkout to `to`, without its history; what is installed is used where it is. */
export function copyTree(root: string, to: string): Tree {
  const left = [join(root, 'node_modules'), join(root, '.git')]
  cpSync(root, to, { recursive: true, filter: (from) => !left.includes(from) })
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'))
  const temporary = `${to}.tmp`
  mkdirSync(temporary)
  return {
    test: async (files, workers) => seenIn(await jest(to, temporary, [`--maxWorkers=${workers}`, ...files]), files),
    async without({ name, file, find, replace }, work) {
      const path = join(to, file)
      const text = readFileSync(path, 'utf8')
      const parts = text.split(find)
      if (parts.length !== 2) throw new Error(`${name}: its text occurs ${parts.length - 1} times in ${file}`)
      writeFileSync(path, parts.join(replace))
      try {
        return await work()
      } finally {
        writeFileSync(path, text)
      }
    },
  }
}

/** Runs Jest in a tree, whatever its configuration. Undefined where it ended without a report. */
async function jest(tree: string, temporary: string, words: readonly string[]): Promise<Report | undefined> {
  const file = join(temporary, 'report.json')
  rmSync(file, { force: true })
  const child = spawn(
    process.execPath,
    [
      ...['--experimental-vm-modules', '--no-warnings', join(tree, 'node_modules/jest/bin/jest.js')],
      ...['--json', `--outputFile=${file}`, '--silent', '--forceExit', `--cacheDirectory=${join(temporary, 'jest')}`],
      ...['--runTestsByPath', ...words],
    ],
    { cwd: tree, stdio: 'ignore', env: { ...process.env, TMPDIR: temporary } },
  )
  const timer = setTimeout(() => child.kill('SIGKILL'), longest)
  await new Promise((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return undefined
  }
}
