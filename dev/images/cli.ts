import { parseArgs } from 'node:util'
import { buildShellIndex } from '#shell-image/build-index'
import { copyImageFiles } from './image-files.ts'
import { buildProgramImage } from './program-image.ts'

const usage = `npm run image [-- IMAGE] [OPTIONS]
  Builds an image for amd64 and arm64 without Docker, or takes it from the cache. Prints its name, its digest, and the
  paths of its archive (OCI image layout), its bills of materials (SPDX) and their checksums.
  shell              the image that runs in the cluster (the default); needs root, apt-get and Go
  program            the image of bot and worker; needs root, apt-get and npm
  --out FOLDER       copy the files to this folder
  --help             print this`

async function main(argv: readonly string[]): Promise<void> {
  const options = { out: { type: 'string' }, help: { type: 'boolean', short: 'h', default: false } } as const
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true })
  if (values.help) {
    console.log(usage)
    return
  }
  const [name = 'shell', ...more] = positionals
  const build = { shell: buildShellIndex, program: buildProgramImage }[name]
  if (build === undefined || more.length > 0) {
    throw new Error(`There is no image "${positionals.join(' ')}".\n${usage}`)
  }
  const built = await build((line) => console.error(line))
  const image = values.out === undefined ? built : copyImageFiles(built, values.out)
  console.log([image.ref, image.digest, image.archive, ...image.sboms, image.checksums].join('\n'))
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
})
