import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { debianContents, sbom } from '#dev/images/sbom'
import { cached } from '#dev/machine/cache'
import { installPackages } from '#dev/machine/debian'
import { type ImageConfig, imageEpoch, nativeArchitecture, writeImage } from '#dev/machine/oci'
import { debian, makeNativeRootfs, sourceFiles } from './rootfs.ts'

export type ShellImage = {
  /** Tar file of an OCI image layout. */
  tar: string
  /** `repo:version`. */
  ref: string
  /** Digest of the image manifest: `sha256:…`. */
  digest: string
  /** Folder with the image's file system, owned by root. */
  rootfs: string
  /** File with the software bill of materials (SPDX JSON). */
  sbom: string
  /** Tar file with what the packages' scripts made: links of alternatives, certificates, users. */
  generated: string
}

/** Settings of the image; the Dockerfile has the same. */
export const shellConfig: ImageConfig = {
  // For `localhost` no network request is made.
  ref: 'localhost/retina-chatops/shell:dev',
  user: '65532:65532',
  // For `kubectl debug -it` and `kubectl retina shell`, which start what the image starts; the program names its own command.
  cmd: ['bash'],
  env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'LANG=C.UTF-8', 'HOME=/tmp', 'TERM=dumb'],
}

/** Returns the texts that a cached build depends on. */
export function buildInputs(): string[] {
  const texts = sourceFiles().map((file) => readFileSync(join(import.meta.dirname, file), 'utf8'))
  return [debian, JSON.stringify(shellConfig), String(imageEpoch), ...texts]
}

/**
 * Builds the shell image for this machine's processor without Docker, or returns it from the cache. Needs root, Go and apt-get. Its layer
 * isn't compressed: it is for nodes on this machine.
 */
export async function buildShellImage(onLine: (line: string) => void = () => undefined): Promise<ShellImage> {
  const folder = await cached('shell-image', buildInputs(), async (target) => {
    await installPackages(['mmdebstrap'], onLine)
    const rootfs = join(target, 'rootfs')
    await makeNativeRootfs(rootfs, join(target, 'generated.tar'), nativeArchitecture(), onLine)
    writeFileSync(join(target, 'digest'), await writeImage(rootfs, join(target, 'image.tar'), shellConfig))
    writeFileSync(join(target, 'sbom.spdx.json'), sbom('retina-shell', debianContents(rootfs)))
  })
  return {
    tar: join(folder, 'image.tar'),
    ref: shellConfig.ref,
    digest: readFileSync(join(folder, 'digest'), 'utf8'),
    rootfs: join(folder, 'rootfs'),
    sbom: join(folder, 'sbom.spdx.json'),
    generated: join(folder, 'generated.tar'),
  }
}

if (process.argv[1] === import.meta.filename) {
  const image = await buildShellImage((line) => console.error(line))
  console.log(`${image.ref}\n${image.digest}\n${image.tar}\n${image.sbom}`)
}
