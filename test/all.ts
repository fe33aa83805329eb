import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openCleanup } from '#dev/machine/cleanup'
import { secondsFile } from './jest/seconds.ts'
import { failures, type Report, secondsOf, slowest, summary, threats } from './report.ts'

const usage = `npm test [-- OPTIONS] [WORDS FOR JEST…]
  The checks, then all tests; whatever waits runs beside whatever computes. A cluster that wasn't running is ended again.
  --write-seconds    keeps how long each file took, by which the next run orders them
  --report FILE      keeps Jest's own report (JSON), with the assertions of each test`

const root = join(import.meta.dirname, '..')
const options = {
  'write-seconds': { type: 'boolean', default: false },
  report: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const
// What isn't an option of this program is one of Jest's.
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
const folder = mkdtempSync(join(tmpdir(), 'retina-tests-'))
cleanup.folder(folder)
const node = (...words: readonly string[]) => program(process.execPath, words)

const checks = quietly(program('npm', ['run', '--silent', 'check']))
// The first time, this takes minutes of both processors; afterwards nothing.
await shown(node('dev/dev-cluster/cli.ts', 'build'))
const state = join(folder, 'cluster')
void shown(node('test/environment/cluster-setup.ts', state))
const file = join(folder, 'report.json')
const words = ['--forceExit', '--json', '--outputFile', file, ...forJest]
const jest = ['--experimental-vm-modules', '--no-warnings', join(root, 'node_modules/jest/bin/jest.js'), ...words]
const code = await shown(program(process.execPath, jest, { TMPDIR: folder, RETINA_TEST_CLUSTER: state }))
const check = await checks
const report = reportIn(file)
await cleanup.close()

if (report !== undefined) {
  if (typeof values.report === 'string') writeFileSync(values.report, JSON.stringify(report))
  if (values['write-seconds']) writeFileSync(secondsFile, `${JSON.stringify(secondsOf(report, root), null, 2)}\n`)
  console.log(`${threats(report)}${slowest(report, root)}${failures(report, root)}`)
}
if (check.code !== 0) console.log(`\nFAILED npm run check\n${check.said}`)
console.log(`\nAll together:\n${report === undefined ? 'Tests:       1 failed, 1 total' : summary(report)}`)
process.exitCode = code === 0 && check.code === 0 && report !== undefined ? 0 : 1

function program(name: string, args: readonly string[], env: Record<string, string> = {}): ChildProcess {
  return spawn(name, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...env } })
}

/** Shows what it says on standard error as it comes; resolves with its exit code. What Jest writes as JSON isn't shown. */
function shown(child: ChildProcess): Promise<number> {
  child.stdout?.resume()
  child.stderr?.pipe(process.stdout, { end: false })
  return new Promise((resolve) => child.once('close', (status) => resolve(status ?? 1)))
}

/** Resolves with all that it said. */
function quietly(child: ChildProcess): Promise<{ code: number; said: string }> {
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  }
  return new Promise((resolve) => child.once('close', (status) => resolve({ code: status ?? 1, said })))
}

function reportIn(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report
  } catch {
    return undefined
  }
}
