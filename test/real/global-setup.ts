import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

declare global {
  var devClusterStartedHere: boolean | undefined
}

const root = join(import.meta.dirname, '../..')
const cli = join(root, 'deploy/dev-cluster/cli.ts')

/** Programs of their own: Jest's loader of set-up modules doesn't follow package imports. */
function node(...words: readonly string[]): string {
  return execFileSync(process.execPath, words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Builds and starts what the end-to-end tests need, once; the first time on a machine this takes some ten minutes. */
// biome-ignore lint/style/noDefaultExport: Jest takes a set-up module's default export
export default function setup(): void {
  globalThis.devClusterStartedHere = node(cli, 'status').trim() !== 'running'
  node(cli, 'up')
  const [, , tar = ''] = node(join(root, 'shell-image/build.ts')).split('\n')
  node(cli, 'load-image', tar)
}
