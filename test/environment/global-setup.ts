import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openCleanup } from '#dev/machine/cleanup'

declare global {
  var clusterCleanup: { close: () => Promise<void> } | undefined
}

/**
 * Builds and starts what the cluster's tests need, where that isn't done beside the other tests (`npm test`); the first time on a machine
 * this takes some ten minutes.
 */
// biome-ignore lint/style/noDefaultExport: Jest takes a set-up module's default export
export default async function setup(): Promise<void> {
  if (process.env['RETINA_TEST_CLUSTER'] !== undefined) return
  const cleanup = await openCleanup({ cluster: 'a test run' })
  globalThis.clusterCleanup = cleanup
  const folder = mkdtempSync(join(tmpdir(), 'retina-cluster-'))
  cleanup.folder(folder)
  process.env['RETINA_TEST_CLUSTER'] = join(folder, 'state')
  const words = [join(import.meta.dirname, 'cluster-setup.ts'), join(folder, 'state')]
  execFileSync(process.execPath, words, { stdio: ['ignore', 'ignore', 'inherit'] })
}
