import '../../../src/core/util/disable-background-compilers.js'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { writeSection } from '#dev/write-section'
import { type FaultResult, resultTable } from './findings.ts'
import { healthyTable, type Measured } from './measured.ts'

const usage = `npm run triage-faults [-- --only TEXT] [--load] [--record] [--healthy N] [--write]
  Makes all faults on the development cluster and prints what triage finds first.
  --only TEXT  only faults with this text in their names; prints only
  --load       under the load of test/triage/faults/load.ts
  --record     write the outputs of what was found to test/triage/recorded
  --healthy N  ask N times for a healthy node, idle and under load, instead
  --write      write the table, or its first line with --load, into docs/triage.md`

const root = join(import.meta.dirname, '../../..')
const { values } = parseArgs({
  options: {
    write: { type: 'boolean' },
    record: { type: 'boolean' },
    only: { type: 'string' },
    load: { type: 'boolean' },
    healthy: { type: 'string' },
    help: { type: 'boolean' },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
if (values.only !== undefined && (values.write || values.record)) {
  console.error('--write and --record replace what all faults gave; leave --only out.')
  process.exit(2)
}
const folder = mkdtempSync(join(tmpdir(), 'retina-faults-'))
const file = join(folder, 'results.json')
const isHealthy = values.healthy !== undefined
const settings = isHealthy
  ? { RETINA_TRIAGE_HEALTHY: values.healthy, RETINA_TRIAGE_HEALTHY_FILE: file }
  : {
      RETINA_TRIAGE_FAULTS: file,
      RETINA_TRIAGE_FAULT: values.only ?? '',
      RETINA_TRIAGE_LOAD: values.load ? '1' : '',
      ...(values.record ? { RETINA_TRIAGE_RECORD: join(root, 'test/triage/recorded') } : {}),
    }
const test = isHealthy ? 'test/e2e/triage-healthy' : 'test/e2e/triage-faults'
const { status } = spawnSync(process.execPath, ['test/jest/run.ts', '--selectProjects', 'alone', '--', test], {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, ...settings },
})
if (existsSync(file)) {
  const results: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const table = isHealthy ? healthyTable(results as Measured[]) : resultTable(results as FaultResult[])
  process.stdout.write(`${table}\n`)
  const [head = ''] = table.split('\n')
  const doc = join(root, 'docs/triage.md')
  if (values.write && isHealthy) writeSection(doc, 'healthy', table)
  else if (values.write && values.load) writeSection(doc, 'faults under load', head)
  else if (values.write) writeSection(doc, 'faults', table)
}
rmSync(folder, { recursive: true, force: true })
process.exitCode = status ?? 1
