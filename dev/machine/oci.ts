import { createHash } from 'node:crypto'
import {
  createReadStream,
  createWriteStream,
  linkSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { run } from './run.ts'

/** Processor of an image, as OCI and Debian call it. */
export type Architecture = 'amd64' | 'arm64'
export const architectures: readonly Architecture[] = ['amd64', 'arm64']

export type ImageConfig = {
  /** `repo:version`: the image's name after import. */
  ref: string
  user?: string
  entrypoint?: readonly string[]
  /** Default arguments, or the default command of an image without entry point. */
  cmd?: readonly string[]
  env?: readonly string[]
  workingDir?: string
  /** `8080/tcp`. */
  ports?: readonly string[]
  labels?: Readonly<Record<string, string>>
}

/** File of a layer, in the form in which it is stored in an image. Plain JSON. */
export type Layer = {
  file: string
  mediaType: string
  /** `sha256:…` of the file, and of its tar archive before compression. */
  digest: string
  diffId: string
  size: number
}

type Blob = { mediaType: string; digest: string; size: number }

/** Date of all files and of the image itself, in seconds since 1970, so that the same content has the same digest. */
export const imageEpoch = 1_700_000_000

const layerType = 'application/vnd.oci.image.layer.v1.tar'

export function nativeArchitecture(): Architecture {
  const found = architectures.find((each) => each === (process.arch === 'x64' ? 'amd64' : process.arch))
  if (found === undefined) throw new Error(`images are built on amd64 and arm64; this machine is ${process.arch}`)
  return found
}

/**
 * Writes the files under `root` as one layer to `file`. `compress`: with gzip. `mode`: permissions of all files, as tar's `--mode` takes
 * them; left out, their own.
 */
export async function writeLayer(
  root: string,
  file: string,
  options: { compress: boolean; mode?: string },
): Promise<Layer> {
  const tar = options.compress ? `${file}.tar` : file
  const mode = options.mode === undefined ? [] : [`--mode=${options.mode}`]
  await run('tar', ['-C', root, ...reproducible, ...mode, '-cf', tar, '.'])
  if (!options.compress) {
    const digest = `sha256:${await fileDigest(tar)}`
    return { file, mediaType: layerType, digest, diffId: digest, size: statSync(file).size }
  }
  const layer = await compressLayer(tar, file)
  rmSync(tar)
  return layer
}

/** Writes a layer's tar file with gzip, by the zlib of this Node, which is pinned: the same files give the same bytes. */
export async function compressLayer(tar: string, file: string): Promise<Layer> {
  await pipeline(createReadStream(tar), createGzip({ level: 9 }), createWriteStream(file))
  const [digest, diffId] = [`sha256:${await fileDigest(file)}`, `sha256:${await fileDigest(tar)}`]
  return { file, mediaType: `${layerType}+gzip`, digest, diffId, size: statSync(file).size }
}

/**
 * Writes the files under `root` as an OCI image layout in one tar file, which `ctr images import` and `skopeo` read.
 * Its one layer is uncompressed: it is loaded from the same disk, where decompressing takes longer than reading.
 * Resolves with the manifest's digest. Source: OCI Image Format Specification v1.1.
 */
export async function writeImage(root: string, tar: string, config: ImageConfig): Promise<string> {
  const folder = mkdtempSync(join(dirname(tar), 'image-'))
  const layer = await writeLayer(root, join(folder, 'layer'), { compress: false })
  const layout = join(folder, 'layout')
  const digest = writeLayout(layout, config, [{ architecture: nativeArchitecture(), layers: [layer] }])
  await archiveLayout(layout, tar)
  rmSync(folder, { recursive: true })
  return digest
}

/**
 * Writes an image as a folder (OCI image layout): with one platform as a manifest, with several as an index of manifests. Layers are linked
 * into it, so their files have to be on the same disk. Returns the digest of manifest or index.
 */
export function writeLayout(
  folder: string,
  config: ImageConfig,
  images: readonly { architecture: Architecture; layers: readonly Layer[] }[],
): string {
  const blobs = join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const blob = (mediaType: string, value: object): Blob => {
    const text = JSON.stringify(value)
    const digest = createHash('sha256').update(text).digest('hex')
    writeFileSync(join(blobs, digest), text)
    return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(text) }
  }
  const manifests = images.map(({ architecture, layers }) => {
    for (const { file, digest } of layers) linkOnce(file, join(blobs, digest.slice('sha256:'.length)))
    const mediaType = 'application/vnd.oci.image.manifest.v1+json'
    const manifest = blob(mediaType, {
      schemaVersion: 2,
      mediaType,
      config: blob('application/vnd.oci.image.config.v1+json', configOf(config, architecture, layers)),
      layers: layers.map(({ mediaType: type, digest, size }) => ({ mediaType: type, digest, size })),
    })
    return { ...manifest, platform: { architecture, os: 'linux' } }
  })
  const indexType = 'application/vnd.oci.image.index.v1+json'
  const [only] = manifests
  const { platform: _, ...top } =
    manifests.length === 1 && only !== undefined
      ? only
      : { ...blob(indexType, { schemaVersion: 2, mediaType: indexType, manifests }), platform: undefined }
  const annotations = { 'io.containerd.image.name': config.ref, 'org.opencontainers.image.ref.name': config.ref }
  const index = { schemaVersion: 2, mediaType: indexType, manifests: [{ ...top, annotations }] }
  writeFileSync(join(folder, 'index.json'), JSON.stringify(index))
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  return top.digest
}

/** Writes an image layout as one tar file, the form in which images are copied. */
export async function archiveLayout(folder: string, tar: string): Promise<void> {
  await run('tar', ['-C', folder, ...reproducible, '-cf', `${tar}.part`, 'oci-layout', 'index.json', 'blobs'])
  renameSync(`${tar}.part`, tar)
}

function configOf(config: ImageConfig, architecture: Architecture, layers: readonly Layer[]): object {
  const { user, env, entrypoint, cmd, workingDir, ports, labels } = config
  return {
    created: new Date(imageEpoch * 1_000).toISOString(),
    architecture,
    os: 'linux',
    config: {
      User: user ?? '',
      ...(ports === undefined ? {} : { ExposedPorts: Object.fromEntries(ports.map((each) => [each, {}])) }),
      Env: env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ...(entrypoint === undefined ? {} : { Entrypoint: entrypoint }),
      ...(cmd === undefined ? {} : { Cmd: cmd }),
      WorkingDir: workingDir ?? '/',
      Labels: labels ?? {},
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  }
}

function linkOnce(file: string, target: string): void {
  rmSync(target, { force: true })
  linkSync(file, target)
}

const reproducible = [
  ...['--sort=name', `--mtime=@${imageEpoch}`, '--owner=0', '--group=0', '--numeric-owner', '--format=pax'],
  '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime',
]

/** Writes the only layer of an image in a tar file of an OCI image layout to a file. */
export async function extractLayer(tar: string, file: string): Promise<void> {
  const read = (digest: string) => run('tar', ['-xOf', tar, `blobs/sha256/${digest.slice('sha256:'.length)}`])
  const { layers } = JSON.parse(await read(await manifestDigest(tar))) as { layers: { digest: string }[] }
  const [layer] = layers
  if (layer === undefined || layers.length > 1) throw new Error(`${tar} has ${layers.length} layers, not one`)
  const name = `blobs/sha256/${layer.digest.slice('sha256:'.length)}`
  await run('tar', ['-C', dirname(file), `--transform=s,.*,${basename(file)},`, '-xf', tar, name])
}

/** Resolves with the digest of the only image in a tar file of an OCI image layout: of its manifest, or of its index. */
export async function manifestDigest(tar: string): Promise<string> {
  const index = JSON.parse(await run('tar', ['-xOf', tar, 'index.json'])) as { manifests: { digest: string }[] }
  const [manifest] = index.manifests
  if (manifest === undefined) throw new Error(`${tar} contains no image`)
  return manifest.digest
}

/** Resolves with the SHA-256 of a file, in hex. */
export async function fileDigest(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
