import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { run } from './run.ts'

export type ImageConfig = {
  /** `repo:version`: the image's name after import. */
  ref: string
  user?: string
  entrypoint?: readonly string[]
  env?: readonly string[]
  labels?: Readonly<Record<string, string>>
}

/** Date of all files and of the image itself, in seconds since 1970, so that the same content has the same digest. */
export const imageEpoch = 1_700_000_000

/**
 * Writes the files under `root` as an OCI image layout in one tar file, which `ctr images import` and `skopeo` read.
 * Its one layer is uncompressed: it is loaded from the same disk, where decompressing takes longer than reading.
 * Resolves with the manifest's digest. Source: OCI Image Format Specification v1.1.
 */
export async function writeImage(root: string, tar: string, config: ImageConfig): Promise<string> {
  const folder = mkdtempSync(join(dirname(tar), 'image-'))
  const blobs = join(folder, 'blobs', 'sha256')
  mkdirSync(blobs, { recursive: true })
  const layerFile = join(folder, 'layer')
  await run('tar', ['-C', root, ...reproducible, '-cf', layerFile, '.'])
  const layer = { digest: await fileDigest(layerFile), size: statSync(layerFile).size }
  renameSync(layerFile, join(blobs, layer.digest))

  const blob = (mediaType: string, value: unknown) => {
    const text = JSON.stringify(value)
    const digest = createHash('sha256').update(text).digest('hex')
    writeFileSync(join(blobs, digest), text)
    return { mediaType, digest: `sha256:${digest}`, size: Buffer.byteLength(text) }
  }
  const imageConfig = blob('application/vnd.oci.image.config.v1+json', {
    created: new Date(imageEpoch * 1_000).toISOString(),
    architecture: goArchitecture(),
    os: 'linux',
    config: {
      User: config.user ?? '',
      Env: config.env ?? ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ...(config.entrypoint === undefined ? {} : { Entrypoint: config.entrypoint }),
      WorkingDir: '/',
      Labels: config.labels ?? {},
    },
    rootfs: { type: 'layers', diff_ids: [`sha256:${layer.digest}`] },
  })
  const manifest = blob('application/vnd.oci.image.manifest.v1+json', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: imageConfig,
    layers: [
      { mediaType: 'application/vnd.oci.image.layer.v1.tar', digest: `sha256:${layer.digest}`, size: layer.size },
    ],
  })
  const annotations = { 'io.containerd.image.name': config.ref, 'org.opencontainers.image.ref.name': config.ref }
  writeFileSync(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ ...manifest, annotations }] }),
  )
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  await run('tar', ['-C', folder, ...reproducible, '-cf', tar, 'oci-layout', 'index.json', 'blobs'])
  rmSync(folder, { recursive: true })
  return manifest.digest
}

const reproducible = [
  ...['--sort=name', `--mtime=@${imageEpoch}`, '--owner=0', '--group=0', '--numeric-owner', '--format=pax'],
  '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime',
]

function goArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}

/** Resolves with the manifest digest of the only image in a tar file of an OCI image layout. */
export async function manifestDigest(tar: string): Promise<string> {
  const index = JSON.parse(await run('tar', ['-xOf', tar, 'index.json'])) as { manifests: { digest: string }[] }
  const [manifest] = index.manifests
  if (manifest === undefined) throw new Error(`${tar} contains no image`)
  return manifest.digest
}

/** Resolves with the SHA-256 of a file, in hex. */
async function fileDigest(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
