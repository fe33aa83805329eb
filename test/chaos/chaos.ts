import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { up } from '#dev/dev-cluster/cluster'
import { openCleanup } from '#dev/machine/cleanup'
import { buildShellImage } from '#shell-image/build'
import { openNamespace } from '#test/environment/test-cluster'
import { openChaosEnvironment } from './environment.ts'
import { deployedPace } from './pace.ts'
import { planOf } from './plan.ts'
import { randomOf } from './random.ts'
import { report } from './report.ts'
import { chaos, complaints } from './run.ts'

const usage = `npm run chaos [-- OPTIONS]
  Breaks what can break, around two bots and three workers on one Redis and the dev cluster, while people go on asking; then
  looks whether every accepted command ended once and said so. Ends with code 1 where not. Writes .bench/chaos.json and the
  processes' logs into .bench/chaos/.
  --faults N   how many have to happen (500: some thirty minutes)
  --seed N     which ones: the same for the same number (1)
  --write      puts the figures into docs/reliability.md`

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
const dev = await up()
const image = await buildShellImage()
await dev.loadImage(image.tar, image.digest)
const cluster = await openNamespace(dev)
const folder = join(root, '.bench/chaos')
const seed = Number(values.seed)
const wanted = Number(values.faults)
// Some can't be made to happen: by chance no process comes to that point in time.
const plan = planOf(Math.ceil(wanted * 1.5), randomOf(seed))
const context = await openChaosEnvironment(cluster, folder, deployedPace)
const say = (text: string) => process.stderr.write(`${text}\n`)
const outcome = await chaos(context, { seed, plan: [plan.map((fault) => [fault])], wanted, say }).finally(context.close)
writeFileSync(join(root, '.bench/chaos.json'), `${JSON.stringify(outcome, null, 2)}\n`)
const text = report(outcome, new Date().toISOString())
console.log(text)
const wrong = complaints(outcome)
for (const each of wrong) console.error(each)
if (values.write) {
  const file = join(root, 'docs/reliability.md')
  const [before = '', after = ''] = readFileSync(file, 'utf8').split(/(?<=<!-- chaos -->\n)[\s\S]*(?=<!-- end -->)/)
  writeFileSync(file, `${before}\n${text}\n${after}`)
}
await cluster.close()
await cleanup.close()
process.exit(wrong.length === 0 ? 0 : 1)
