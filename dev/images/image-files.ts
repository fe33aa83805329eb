import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { type Architecture, fileDigest } from '#dev/machine/oci'

/** Image for several platforms, as files. */
export type ImageFiles = {
  /** `repo:version`. */
  ref: string
  /** Digest of the index: `sha256:…`. */
  digest: string
  /** Folder with the OCI image layout, and the same as one tar file. */
  layout: string
  archive: string
  /** Software bills of materials (SPDX JSON), one a platform. */
  sboms: readonly string[]
  /** SHA256SUMS of the archive and the bills. */
  checksums: string
}

/** Returns the files of an image in a folder of the cache. */
export function imageFiles(
  folder: string,
  ref: string,
  names: { archive: string; sbom: (architecture: Architecture) => string },
  platforms: readonly Architecture[],
): ImageFiles {
  return {
    ref,
    digest: readFileSync(join(folder, 'digest'), 'utf8'),
    layout: join(folder, 'layout'),
    archive: join(folder, names.archive),
    sboms: platforms.map((architecture) => join(folder, names.sbom(architecture))),
    checksums: join(folder, checksumFile),
  }
}

const checksumFile = 'SHA256SUMS'

/** Writes a checksum file as `sha256sum --check` reads it. */
export async function writeChecksums(folder: string, files: readonly string[]): Promise<void> {
  const lines = await Promise.all(files.map(async (file) => `${await fileDigest(join(folder, file))}  ${file}\n`))
  writeFileSync(join(folder, checksumFile), lines.join(''))
}

/** Copies the files of an image to a folder of the user's. Returns the image with their new paths. */
export function copyImageFiles(image: ImageFiles, folder: string): ImageFiles {
  mkdirSync(folder, { recursive: true })
  const copy = (file: string) => {
    const to = join(folder, basename(file))
    copyFileSync(file, to)
    return to
  }
  const [archive, sboms, checksums] = [copy(image.archive), image.sboms.map(copy), copy(image.checksums)]
  return { ...image, archive, sboms, checksums }
}
