import { renameSync, writeFileSync } from 'node:fs'
import { up } from '#dev/dev-cluster/cluster'
import { buildShellImage } from '#shell-image/build'

// Builds and starts what the cluster's tests need, and writes into the file that it is given how that went: `ready`, or why it isn't.

const [file = ''] = process.argv.slice(2)
try {
  const cluster = await up()
  const image = await buildShellImage()
  await cluster.loadImage(image.tar, image.digest)
  state('ready')
} catch (error) {
  state(error instanceof Error ? error.message : String(error))
  throw error
}

/** Whole, once it is there. */
function state(text: string): void {
  writeFileSync(`${file}.part`, text)
  renameSync(`${file}.part`, file)
}
