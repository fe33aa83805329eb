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
    async test(files, workers) {
      const { report, said } = await jest(to, temporary, [`--maxWorkers=${workers}`, ...files])
      return seenIn(report, files, said)
    },
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

/** Runs Jest in a tree, whatever its configuration. The report is undefined where it ended without one; `said`: its last words. */
async function jest(
  tree: string,
  temporary: string,
  words: readonly string[],
): Promise<{ report: Report | undefined; said: string }> {
  const file = join(temporary, 'report.json')
  rmSync(file, { force: true })
  const child = spawn(
    process.execPath,
    [
      ...['--experimental-vm-modules', '--no-warnings', join(tree, 'node_modules/jest/bin/jest.js')],
      ...['--json', `--outputFile=${file}`, '--silent', '--forceExit', `--cacheDirectory=${join(temporary, 'jest')}`],
      ...['--runTestsByPath', ...words],
    ],
    { cwd: tree, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, TMPDIR: temporary } },
  )
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-2_000)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), longest)
  // Not its streams' end, which what it started may hold open.
  await new Promise((resolve) => child.once('exit', resolve))
  child.stderr.destroy()
  clearTimeout(timer)
  try {
    return { report: JSON.parse(readFileSync(file, 'utf8')) as Report, said }
  } catch {
    return { report: undefined, said }
  }
}
