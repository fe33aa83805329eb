import '../../src/core/util/disable-background-compilers.js'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { up } from '#dev/dev-cluster/cluster'
import { openCleanup, useTemporaryFolder } from '#dev/machine/cleanup'
import { writeSection } from '#dev/write-section'
import { buildShellImage } from '#shell-image/build'
import { openChaosEnvironment } from '#test/chaos/environment'
import { deployedPace } from '#test/chaos/pace'
import { openNamespace } from '#test/environment/test-cluster'
import { openCheckout } from './checkout.ts'
import { report } from './report.ts'
import { mistakes, runUpgrade } from './run.ts'

const usage = `npm run upgrade -- --from COMMIT [OPTIONS]
  Runs two bots and three workers of another commit on the development cluster, replaces them one by one by this checkout, and goes back,
  while people send commands. Then checks that every accepted command ended once, was recorded once and was started once.
  Exits with code 1 if not. Writes .bench/upgrade.json, and the processes' logs into .bench/upgrade/.
  --commands N   number of commands (200)
  --seed N       seed of the random commands (1)
  --write        write the figures into docs/reliability.md`

const root = join(import.meta.dirname, '../..')
const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    commands: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (values.help || values.from === undefined) {
  console.log(usage)
  process.exit(values.help ? 0 : 2)
}
const cleanup = await openCleanup({ cluster: 'npm run upgrade' })
useTemporaryFolder(cleanup)
const log = (text: string) => process.stderr.write(`${text}\n`)
const dev = await up()
const before = await openCheckout(values.from, { cleanup, log })
await dev.loadImage(before.image.tar, before.image.digest)
const image = await buildShellImage()
await dev.loadImage(image.tar, image.digest)
const cluster = await openNamespace(dev)
const context = await openChaosEnvironment(cluster, join(root, '.bench/upgrade'), deployedPace, before.checkout)
const options = { before: before.checkout, commands: Number(values.commands), seed: Number(values.seed), log }
const outcome = await runUpgrade(context, options).finally(context.close)
writeFileSync(join(root, '.bench/upgrade.json'), `${JSON.stringify(outcome, null, 2)}\n`)
const text = report(outcome, { from: before.commit, at: new Date().toISOString() })
console.log(text)
const found = mistakes(outcome)
for (const each of found) console.error(each)
if (values.write) writeSection(join(root, 'docs/reliability.md'), 'upgrade', text)
await cluster.close()
await cleanup.close()
process.exit(found.length === 0 ? 0 : 1)
