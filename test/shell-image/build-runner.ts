import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '#dev/machine/run'

const sources = join(import.meta.dirname, '../../shell-image/runner')

/** Builds the runner of the shell image as `retina-run` in a folder, which has its frames and sessions too: other runs on this machine have other folders. */
export async function buildRunner(folder: string): Promise<void> {
  const env = { CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-buildvcs=false' }
  const args = ['build', '-ldflags', `-X main.spoolFolder=${folder}`, '-o', join(folder, 'retina-run'), '.']
  await run('go', args, { cwd: sources, env })
  // As in the image: not readable, so that it is protected from its first instruction on.
  chmodSync(join(folder, 'retina-run'), 0o111)
  chmodSync(folder, 0o1777)
}
