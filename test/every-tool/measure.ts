import '../../src/core/util/disable-background-compilers.js'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { up } from '#dev/dev-cluster/cluster'
import { openCleanup, useTemporaryFolder } from '#dev/machine/cleanup'
import { buildShellImage } from '#shell-image/build'
import { openNamespace } from '#test/environment/test-cluster'
import { findFault } from './check-outcome.ts'
import { toolsPage } from './page.ts'
import { rows } from './rows.ts'
import { runRows } from './run-rows.ts'

const usage = `npm run measure-tools -- [OPTIONS] [TOOL…]
  Runs the examples of all tools, or of those that are named, on the development cluster, on a node and in a pod, and names those that
  don't come out as expected. Exits with code 1 if there are any.
  --write      write docs/tools.md, if all come out as expected
  --raw FILE   write all outcomes, as JSON`

const options = {
  write: { type: 'boolean', default: false },
  raw: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const
const { values, positionals } = parseArgs({ options, allowPositionals: true })
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const cleanup = await openCleanup({ cluster: 'npm run measure-tools' })
useTemporaryFolder(cleanup)
const dev = await up()
const image = await buildShellImage()
await dev.loadImage(image.tar, image.digest)
const cluster = await openNamespace(dev)
const from = performance.now()
const chosen = rows.filter(({ tool }) => positionals.length === 0 || positionals.includes(tool))
const outcomes = await runRows(cluster, chosen).finally(cluster.close)
const seconds = ((performance.now() - from) / 1_000).toFixed(0)
const faults = outcomes.map(findFault).filter((fault) => fault !== undefined)
for (const fault of faults) console.log(fault)
console.log(`${outcomes.length} runs in ${seconds} s; ${faults.length} not as expected`)
if (values.raw !== undefined) writeFileSync(values.raw, JSON.stringify(outcomes, null, 1))
if (values.write && faults.length === 0) writeFileSync(join(import.meta.dirname, '../../docs/tools.md'), toolsPage())
await cleanup.close()
process.exit(faults.length === 0 ? 0 : 1)
