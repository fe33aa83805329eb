import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Ends the dev cluster if these tests started it. */
// biome-ignore lint/style/noDefaultExport: Jest takes a tear-down module's default export
export default function teardown(): void {
  const cli = join(import.meta.dirname, '../../deploy/dev-cluster/cli.ts')
  if (globalThis.devClusterStartedHere) execFileSync(process.execPath, [cli, 'down'], { stdio: 'inherit' })
}
