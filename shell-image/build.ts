import { chmodSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from '#dev/machine/cache'
import { installPackages } from '#dev/machine/debian'
import { imageEpoch, writeImage } from '#dev/machine/oci'
import { run } from '#dev/machine/run'
import { imagePackages } from './packages.ts'
import { sbom } from './sbom.ts'

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
}

const here = import.meta.dirname
const debian = 'bookworm'

/** Name of an image that was built without a registry: no network request is made for `localhost`. */
export const localImage = { repo: 'localhost/retina-chatops/shell', version: 'dev' }

/** Builds the shell image without Docker, or returns it from the cache. Needs root, Go and apt-get. */
export async function buildShellImage(onLine: (line: string) => void = () => undefined): Promise<ShellImage> {
  const ref = `${localImage.repo}:${localImage.version}`
  const sources = ['packages.txt', 'finish.sh', ...readdirSync(join(here, 'runner')).map((file) => `runner/${file}`)]
  const texts = sources.map((file) => readFileSync(join(here, file), 'utf8'))
  const folder = await cached('shell-image', [debian, ref, String(imageEpoch), ...texts], async (target) => {
    await installPackages(['mmdebstrap'], onLine)
    const rootfs = join(target, 'rootfs')
    await makeRootfs(rootfs, onLine)
    const digest = await writeImage(rootfs, join(target, 'image.tar'), {
      ref,
      user: '65532:65532',
      env: [
        'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
        'LANG=C.UTF-8',
        'HOME=/tmp',
        'TERM=dumb',
      ],
    })
    writeFileSync(join(target, 'digest'), digest)
    writeFileSync(join(target, 'sbom.spdx.json'), sbom(rootfs, 'retina-shell'))
  })
  const digest = readFileSync(join(folder, 'digest'), 'utf8')
  return {
    tar: join(folder, 'image.tar'),
    ref,
    digest,
    rootfs: join(folder, 'rootfs'),
    sbom: join(folder, 'sbom.spdx.json'),
  }
}

/**
 * Arguments that skip fsync while packages are unpacked: an interrupted build is never used. The hook removes the file
 * in which mmdebstrap would leave the option in the image.
 */
const unsafeIo = ['--dpkgopt=force-unsafe-io', '--customize-hook=rm "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"']

async function makeRootfs(rootfs: string, onLine: (line: string) => void): Promise<void> {
  const include = imagePackages().map((each) => each.name)
  const env = { SOURCE_DATE_EPOCH: String(imageEpoch) }
  const argv = ['--variant=essential', `--include=${include.join(',')}`, ...unsafeIo]
  await run('mmdebstrap', [...argv, debian, rootfs], { env, onLine })
  await run('sh', [join(here, 'finish.sh'), rootfs], { onLine })
  const runner = join(rootfs, 'usr/local/bin/retina-run')
  mkdirSync(join(runner, '..'), { recursive: true })
  const go = { cwd: join(here, 'runner'), env: { CGO_ENABLED: '0', GOWORK: 'off', GOFLAGS: '-buildvcs=false' }, onLine }
  await run('go', ['build', '-trimpath', '-ldflags', '-s -w -buildid=', '-o', `${runner}.new`, '.'], go)
  // Not readable: the kernel then protects the process from others of its user from its first instruction on.
  chmodSync(`${runner}.new`, 0o111)
  renameSync(`${runner}.new`, runner)
  // Mount point of the node's file system: it can't be created later in a read-only root file system.
  mkdirSync(join(rootfs, 'host'), { recursive: true })
  rmSync(join(rootfs, 'dev'), { recursive: true, force: true })
  mkdirSync(join(rootfs, 'dev'))
}

if (process.argv[1] === import.meta.filename) {
  const image = await buildShellImage((line) => console.error(line))
  console.log(`${image.ref}\n${image.digest}\n${image.tar}\n${image.sbom}`)
}
