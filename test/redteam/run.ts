import '../../src/core/util/disable-background-compilers.js'
import { spawn } from 'node:child_process'
import { join } from 'node:path'

const usage = `npm run redteam [-- OPTIONS]
  Runs all attacks on the program that are known here: on loopback, on Redis and browsers of their own, and on the dev cluster, bounded in time.
  --runs N     attacks of an attacker in Redis, each at a step of its own (200)
  --seed N     seed of these (20261128)
  --local      without the dev cluster
  A new attack is a case in one of the sets test/redteam/*.ts, or a file test/redteam/NAME.test.ts.`

/** Tests of attacks that need the dev cluster; all others are in test/redteam. */
const onCluster = [
  'admission-variants',
  'admission-settings',
  'container-user',
  'denied-destinations',
  'policy-proof',
  'warm-admission',
]

const argv = process.argv.slice(2)
const flagValue = (flag: string, otherwise: string) => (argv.includes(flag) ? argv[argv.indexOf(flag) + 1] : otherwise)
if (argv.includes('--help')) {
  console.log(usage)
  process.exit(0)
}
const isLocal = argv.includes('--local')
const files = ['test/redteam/', ...(isLocal ? [] : onCluster.map((name) => `test/e2e/${name}.test.ts`))]
const projects = ['unit', 'flow', ...(isLocal ? [] : ['cluster'])]
const env = {
  ...process.env,
  RETINA_REDTEAM_LONG: '1',
  RETINA_REDTEAM_RUNS: flagValue('--runs', '200'),
  RETINA_REDTEAM_SEED: flagValue('--seed', '20261128'),
}
const jest = spawn(
  process.execPath,
  [join(import.meta.dirname, '../jest/run.ts'), '--selectProjects', ...projects, '--', ...files],
  { env, stdio: 'inherit' },
)
process.exitCode = await new Promise<number>((resolve) => jest.once('close', (code) => resolve(code ?? 1)))
