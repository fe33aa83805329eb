import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { stripVTControlCharacters } from 'node:util'

// The tests without a cluster, meanwhile its build where this machine has none yet; then those that need it. One after the other: on two
// processors they starved each other, until programs that they start weren't there within half a minute. Programs of their own rather
// than workers of one, since two files at a time in one cluster would see each other's pods.

const root = join(import.meta.dirname, '..')
const folder = mkdtempSync(join(tmpdir(), 'retina-tests-'))
const jest = [
  '--experimental-vm-modules',
  '--no-warnings',
  join(root, 'node_modules/jest/bin/jest.js'),
  '--runInBand',
  '--forceExit',
]

type Counts = { numFailedTests: number; numPassedTests: number; numPendingTests: number; numTodoTests: number }
type Tried = { title: string; fullName: string; status: string; failureMessages: string[] }
type Report = Counts & { testResults: { name: string; message: string; assertionResults: Tried[] }[] }
type Result = { code: number; report: Report | undefined }

/** Runs one of Jest's projects; its output is shown as it comes. */
async function run(project: string): Promise<Result> {
  const file = join(folder, `${project}.json`)
  const words = [...jest, '--selectProjects', project, '--json', '--outputFile', file, ...process.argv.slice(2)]
  return { code: await program(process.execPath, words), report: reportIn(file) }
}

/** Runs a program to its end; what Jest writes as JSON isn't shown. */
function program(name: string, words: readonly string[]): Promise<number> {
  const child = spawn(name, words, { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] })
  child.stderr.pipe(process.stdout, { end: false })
  return new Promise((resolve) => child.once('close', (code) => resolve(code ?? 1)))
}

function reportIn(file: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Report
  } catch {
    return undefined
  }
}

/** Each threat (`T07 …`) with how many tests of it passed and failed. */
function threats(reports: readonly Report[]): string {
  const all = reports.flatMap(({ testResults }) => testResults.flatMap(({ assertionResults }) => assertionResults))
  const rows = new Map<string, typeof all>()
  for (const each of all.filter(({ status }) => status === 'passed' || status === 'failed')) {
    for (const [number] of each.title.matchAll(/\bT\d\d\b/g)) rows.set(number, [...(rows.get(number) ?? []), each])
  }
  const lines = [...rows]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([number, tests]) => {
      const failed = tests.filter(({ status }) => status === 'failed').length
      const [first] = tests
      const more = tests.length === 1 ? '' : ` (and ${tests.length - 1} more)`
      return `  ${failed === 0 ? 'ok    ' : 'FAILED'} ${number}  ${first?.title.replace(/^(T\d\d )+/, '').slice(0, 90)}${more}`
    })
  return lines.length === 0
    ? ''
    : `\nThreats, by the tests that bear their number (docs/security.md):\n${lines.join('\n')}\n`
}

/** What failed once more, as the last of a long output: each test with the beginning of why, or the file that didn't load. */
function failures(reports: readonly Report[]): string {
  const lines = reports.flatMap(({ testResults }) =>
    testResults.flatMap(({ name, message, assertionResults }) => {
      const failed = assertionResults.filter(({ status }) => status === 'failed')
      const whole =
        assertionResults.length === 0 && message !== '' ? [{ fullName: 'the file', failureMessages: [message] }] : []
      return [...failed, ...whole].map(
        ({ fullName, failureMessages }) =>
          `\nFAILED ${relative(root, name)} › ${fullName}\n${stripVTControlCharacters(failureMessages.join('\n')).slice(0, 1_500)}`,
      )
    }),
  )
  return lines.join('\n')
}

/** `Tests:       1 failed, 2 skipped, 390 passed, 393 total`, of both together. */
function summary(reports: readonly Report[]): string {
  const sum = (count: keyof Counts) => reports.reduce((total, report) => total + report[count], 0)
  const [failed, skipped, todo] = [sum('numFailedTests'), sum('numPendingTests'), sum('numTodoTests')]
  const passed = sum('numPassedTests')
  const rest = [`${failed} failed`, `${skipped} skipped`, `${todo} todo`].filter((text) => !text.startsWith('0 '))
  return `Tests:       ${[...rest, `${passed} passed`, `${failed + skipped + todo + passed} total`].join(', ')}`
}

const build = program('nice', ['-n', '10', process.execPath, join(root, 'deploy/dev-cluster/cli.ts'), 'build'])
const house = await run('house')
// What stops the build stops the cluster's tests too, and is said there.
await build
const cluster = await run('cluster')
const both = [cluster, house]
const reports = both.flatMap(({ report }) => (report === undefined ? [] : [report]))
console.log(`${threats(reports)}${failures(reports)}\nAll together:\n${summary(reports)}`)
rmSync(folder, { recursive: true, force: true })
process.exitCode = both.every(({ code }) => code === 0) && reports.length === 2 ? 0 : 1
