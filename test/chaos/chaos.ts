import '../../src/core/util/disable-background-compilers.js'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { up } from '#dev/dev-cluster/cluster'
import { openCleanup, useTemporaryFolder } from '#dev/machine/cleanup'
import { writeSection } from '#dev/write-section'
import { buildShellImage } from '#shell-image/build'
import { openNamespace } from '#test/environment/test-cluster'
import { openChaosEnvironment } from './environment.ts'
import { deployedPace } from './pace.ts'
import { planFaults } from './plan.ts'
import { seededRandom } from './random.ts'
import { report } from './report.ts'
import { runChaos, violations } from './run.ts'

const usage = `npm run chaos [-- OPTIONS]
  Injects faults into two bots, three workers, their Redis, the development cluster and the chat while people send commands.
  Then checks that every accepted command ended once and that its result was delivered once; exits with code 1 if not.
  Writes .bench/chaos.json, and the processes' logs into .bench/chaos/.
  --faults N   number of faults (500, which takes about thirty minutes)
  --seed N     seed of the random faults (1)
  --write      write the figures into docs/reliability.md`

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: {
    faults: { type: 'string', default: '500' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(usage)
  process.exit(0)
}
const cleanup = await openCleanup({ cluster: 'npm run chaos' })
useTemporaryFolder(cleanup)
const dev = await up()
const image = await buildShellImage()
await dev.loadImage(image.tar, image.digest)
const cluster = await openNamespace(dev)
const folder = join(root, '.bench/chaos')
const seed = Number(values.seed)
const wanted = Number(values.faults)
// Plans more, as some faults can't be injected: no process reaches their point within the time limit.
const plan = planFaults(Math.ceil(wanted * 1.5), seededRandom(seed))
const context = await openChaosEnvironment(cluster, folder, deployedPace)
const log = (text: string) => process.stderr.write(`${text}\n`)
const outcome = await runChaos(context, { seed, plan: [plan.map((fault) => [fault])], wanted, log }).finally(
  context.close,
)
writeFileSync(join(root, '.bench/chaos.json'), `${JSON.stringify(outcome, null, 2)}\n`)
const text = report(outcome, new Date().toISOString())
console.log(text)
const found = violations(outcome)
for (const each of found) console.error(each)
if (values.write) writeSection(join(root, 'docs/reliability.md'), 'chaos', text)
await cluster.close()
await cleanup.close()
process.exit(found.length === 0 ? 0 : 1)
