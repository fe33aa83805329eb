import { renameSync, writeFileSync } from 'node:fs'
import { up } from '#dev/dev-cluster/cluster'
import { buildShellImage } from '#shell-image/build'

// Builds and starts what the cluster tests need, and writes the result into the file that is its argument: `ready`, or the error's message.

const [file = ''] = process.argv.slice(2)
try {
  const cluster = await up()
  const image = await buildShellImage()
  await cluster.loadImage(image.tar, image.digest)
  writeState('ready')
} catch (error) {
  writeState(error instanceof Error ? error.message : String(error))
  throw error
}

/** Writes the state file by a rename, so that it is complete as soon as it exists. */
function writeState(text: string): void {
  writeFileSync(`${file}.part`, text)
  renameSync(`${file}.part`, file)
}
