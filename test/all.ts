import '../src/core/util/disable-background-compilers.js'
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openCleanup, useTemporaryFolder } from '#dev/machine/cleanup'
import { redactionFigures } from './core/output/secrets/figures.ts'
import { secondsFile } from './jest/seconds.ts'
import { failures, type Report, secondsOf, slowest, summary, threats } from './report.ts'

const usage = `npm test [-- OPTIONS] [JEST ARGUMENTS…]
  Runs the checks beside all tests. Stops the development cluster afterwards if it wasn't running before.
  --write-seconds    record how long each file took, by which later runs order the files
  --report FILE      write Jest's report (JSON), with the number of assertions of each test`

const root = join(import.meta.dirname, '..')
const options = {
  'write-seconds': { type: 'boolean', default: false },
  report: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const
// Passes unknown options and positional arguments on to Jest.
const { values, tokens } = parseArgs({ options, strict: false, tokens: true })
const forJest = tokens.flatMap((token) => {
  if (token.kind === 'positional') return [token.value]
  return token.kind === 'option' && !(token.name in options) ? [token.rawName, ...(token.value ?? [])] : []
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}

const cleanup = await openCleanup({ cluster: `npm test in ${root}` })
const folder = useTemporaryFolder(cleanup)
const node = (...args: readonly string[]) => start(process.execPath, args)

const checks = collectOutput(start('npm', ['run', '--silent', 'check']))
// The first time, these use both processors for minutes; afterwards they take no time.
await showOutput(node('dev/dev-cluster/cli.ts', 'build'))
await showOutput(node('dev/go-tools/go-tools.ts'))
const state = join(folder, 'cluster')
void showOutput(node('test/environment/cluster-setup.ts', state))
const file = join(folder, 'report.json')
const jestArgs = ['--forceExit', '--json', '--outputFile', file, ...forJest]
const jest = ['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules/jest/bin/jest.js'), ...jestArgs]
const code = await showOutput(start(process.execPath, jest, { RETINA_TEST_CLUSTER: state }))
const check = await checks
const report = readReport(file)
await cleanup.close()

if (report !== undefined) {
  if (typeof values.report === 'string') writeFileSync(values.report, JSON.stringify(report))
  if (values['write-seconds']) writeFileSync(secondsFile, `${JSON.stringify(secondsOf(report, root), null, 2)}\n`)
  console.log(`${threats(report)}${slowest(report, root)}${failures(report, root)}`)
}
console.log(`\n${redactionFigures()}`)
if (check.code !== 0) console.log(`\nFAILED npm run check\n${check.output}`)
console.log(`\nTotal:\n${report === undefined ? 'Tests:       1 failed, 1 total' : summary(report)}`)
process.exitCode = code === 0 && check.code === 0 && report !== undefined ? 0 : 1

function start(name: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(name, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
}

/** Prints the process's standard error, and discards its standard output, which is JSON for Jest; resolves with its exit code. */
function showOutput(child: ChildProcess): Promise<number> {
  child.stdout?.resume()
  child.stderr?.pipe(process.stdout, { end: false })
  return new Promise((resolve) => child.once('close', (status) => resolve(status ?? 1)))
}

/** Resolves with the process's exit code and all of its output. */
function collectOutput(child: ChildProcess): Promise<{ code: number; output: string }> {
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
  }
  return new Promise((resolve) => child.once('close', (status) => resolve({ code: status ?? 1, output })))
}

function readReport(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return undefined
  }
}
