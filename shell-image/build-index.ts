import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ImageFiles, imageFiles, writeChecksums } from '#dev/images/image-files'
import { debianContents, sbom } from '#dev/images/sbom'
import { cached } from '#dev/machine/cache'
import {
  type Architecture,
  architectures,
  archiveLayout,
  compressLayer,
  extractLayer,
  type Layer,
  nativeArchitecture,
  writeLayer,
  writeLayout,
} from '#dev/machine/oci'
import { buildInputs, buildShellImage, type ShellImage, shellConfig } from './build.ts'
import { makeForeignRootfs } from './rootfs.ts'

type OnLine = (line: string) => void

/**
 * Builds the shell image for all platforms as one index, or returns it from the cache. Of the other platform nothing is run: its packages
 * are unpacked, and get what their scripts made on this machine's.
 */
export async function buildShellIndex(onLine: OnLine = () => undefined): Promise<ImageFiles> {
  const native = await buildShellImage(onLine)
  const folder = await cached('shell-index', [...buildInputs(), native.digest], async (target) => {
    const images: { architecture: Architecture; layers: Layer[] }[] = []
    for (const architecture of architectures) {
      const file = join(target, `layer-${architecture}`)
      if (architecture === nativeArchitecture()) {
        await extractLayer(native.tar, `${file}.tar`)
        images.push({ architecture, layers: [await compressLayer(`${file}.tar`, file)] })
        rmSync(`${file}.tar`)
        writeFileSync(join(target, names.sbom(architecture)), readFileSync(native.sbom))
      } else {
        const { rootfs } = await buildForeignRootfs(native, architecture, onLine)
        images.push({ architecture, layers: [await writeLayer(rootfs, file, { compress: true })] })
        writeFileSync(join(target, names.sbom(architecture)), sbom('retina-shell', debianContents(rootfs)))
      }
    }
    writeFileSync(join(target, 'digest'), writeLayout(join(target, 'layout'), shellConfig, images))
    for (const architecture of architectures) rmSync(join(target, `layer-${architecture}`))
    await archiveLayout(join(target, 'layout'), join(target, names.archive))
    await writeChecksums(target, [names.archive, ...architectures.map(names.sbom)])
  })
  return imageFiles(folder, shellConfig.ref, names, architectures)
}

const names = {
  archive: 'retina-shell.tar',
  sbom: (architecture: Architecture) => `retina-shell-${architecture}.spdx.json`,
}

/** Builds the file system for the other processor, or returns it from the cache. */
export async function buildForeignRootfs(
  native: ShellImage,
  architecture: Architecture,
  onLine: OnLine = () => undefined,
): Promise<{ rootfs: string }> {
  const folder = await cached('shell-rootfs', [...buildInputs(), native.digest, architecture], async (target) => {
    const from = { native: native.rootfs, generated: native.generated, architecture: nativeArchitecture() }
    await makeForeignRootfs(join(target, 'rootfs'), from, architecture, onLine)
  })
  return { rootfs: join(folder, 'rootfs') }
}
