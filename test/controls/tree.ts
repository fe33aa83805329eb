import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Control } from './control.ts'
import { type Report, type Seen, seenIn } from './outcome.ts'

/** Time limit for the tests of one control. */
const timeoutMs = 15 * 60_000

/** Time in which Jest has to exit once its report is there: Node may wait forever for its own threads when it exits. */
const exitTimeoutMs = 5_000

/** A copy of a checkout, from which controls are removed. */
export type Tree = {
  /** Runs the tests of these files in parallel; `workers`: number of processes. */
  test: (files: readonly string[], workers: number) => Promise<Seen>
  /** Removes the control while `work` runs. Throws if its text doesn't occur exactly once. */
  without: <T>(control: Pick<Control, 'name' | 'file' | 'find' | 'replace'>, work: () => Promise<T>) => Promise<T>
}

/** Copies a checkout to `to`, without its history; links its node_modules. */
export function copyTree(root: string, to: string): Tree {
  const excluded = [join(root, 'node_modules'), join(root, '.git')]
  cpSync(root, to, { recursive: true, filter: (from) => !excluded.includes(from) })
  symlinkSync(join(root, 'node_modules'), join(to, 'node_modules'))
  const temporary = `${to}.tmp`
  mkdirSync(temporary)
  return {
    async test(files, workers) {
      const { report, errorOutput } = await jest(to, temporary, [`--maxWorkers=${workers}`, ...files])
      return seenIn(report, files, errorOutput)
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

/** Runs Jest in a tree. The report is undefined if Jest ended without one; `errorOutput`: the last 2,000 characters of standard error. */
async function jest(
  tree: string,
  temporary: string,
  args: readonly string[],
): Promise<{ report: Report | undefined; errorOutput: string }> {
  const file = join(temporary, 'report.json')
  rmSync(file, { force: true })
  const child = spawn(
    process.execPath,
    [
      ...['--experimental-vm-modules', '--no-warnings', join(tree, 'node_modules/jest/bin/jest.js')],
      ...['--json', `--outputFile=${file}`, '--silent', '--forceExit', `--cacheDirectory=${join(temporary, 'jest')}`],
      ...['--runTestsByPath', ...args],
    ],
    { cwd: tree, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, TMPDIR: temporary } },
  )
  let errorOutput = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errorOutput = (errorOutput + text).slice(-2_000)
  })
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  const exitTimer = setInterval(() => {
    const reportedMs = statSync(file, { throwIfNoEntry: false })?.mtimeMs
    if (reportedMs !== undefined && Date.now() - reportedMs > exitTimeoutMs) child.kill('SIGKILL')
  }, 1_000)
  // Waits for its exit, not for the end of its streams, which its child processes may keep open.
  await new Promise((resolve) => child.once('exit', resolve))
  child.stderr.destroy()
  clearTimeout(timer)
  clearInterval(exitTimer)
  try {
    return { report: JSON.parse(readFileSync(file, 'utf8')) as Report, errorOutput }
  } catch {
    return { report: undefined, errorOutput }
  }
}
