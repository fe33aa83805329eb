import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCleanup } from '#dev/machine/cleanup'

declare global {
  var clusterCleanup: { close: () => Promise<void> } | undefined
}

/**
 * Builds and starts what the cluster tests need, unless `npm test` does that beside the other tests. The first time on a machine this takes
 * about ten minutes.
 */
// biome-ignore lint/style/noDefaultExport: Jest takes a set-up module's default export
export default async function setup(): Promise<void> {
  if (process.env['RETINA_TEST_CLUSTER'] !== undefined) return
  const cleanup = await openCleanup({ cluster: 'a test run' })
  globalThis.clusterCleanup = cleanup
  const folder = mkdtempSync(join(tmpdir(), 'retina-cluster-'))
  cleanup.addFolder(folder)
  process.env['RETINA_TEST_CLUSTER'] = join(folder, 'state')
  const args = [join(import.meta.dirname, 'cluster-setup.ts'), join(folder, 'state')]
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}
