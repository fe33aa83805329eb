import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { mmdebstrap } from '#dev/machine/debian'
import { type Architecture, imageEpoch } from '#dev/machine/oci'
import { run } from '#dev/machine/run'
import { imagePackages } from './packages.ts'

type OnLine = (line: string) => void

const here = import.meta.dirname
export const debian = 'bookworm'

/** Name of each processor in Debian's paths. */
const triplets: Readonly<Record<Architecture, string>> = { amd64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }

/** Our programs in the image: folder of their source → path. */
const programs = { runner: 'usr/local/bin/retina-run', tcpdump: 'usr/local/bin/tcpdump' }

/** Returns the files from which the image is made, as paths from here. */
export function sourceFiles(): string[] {
  const ofPrograms = Object.keys(programs).flatMap((each) =>
    readdirSync(join(here, each)).map((file) => `${each}/${file}`),
  )
  return ['packages.txt', 'finish.sh', 'unpack.sh', 'rootfs.ts', ...ofPrograms]
}

/**
 * Arguments that skip fsync while packages are unpacked: an interrupted build is never used. The hook removes the file
 * in which mmdebstrap would leave the option in the image.
 */
const unsafeIo = ['--dpkgopt=force-unsafe-io', '--customize-hook=rm "$1/etc/dpkg/dpkg.cfg.d/99mmdebstrap"']

/**
 * Makes the file system for this machine's processor, where the packages' scripts are run. `generated`: tar file that receives what
 * they made.
 */
export async function makeNativeRootfs(
  rootfs: string,
  generated: string,
  architecture: Architecture,
  onLine: OnLine,
): Promise<void> {
  const include = imagePackages().map((each) => each.name)
  const env = { SOURCE_DATE_EPOCH: String(imageEpoch) }
  const argv = ['--variant=essential', `--include=${include.join(',')}`, ...unsafeIo]
  await mmdebstrap([...argv, debian, rootfs], { env, onLine })
  const packaged = packagedPaths(rootfs)
  await run('sh', [join(here, 'finish.sh'), rootfs], { onLine })
  // Not by readdir, which would follow /var/run to this machine's.
  const found = await run('find', [rootfs, '-mindepth', '1', '-type', 'f,d,l', '-printf', '%P\\0'])
  const paths = found
    .split('\0')
    .filter((path) => path !== '' && !packaged.has(path))
    .filter((path) => !/^(dev|var\/lib\/dpkg\/status)(\/|$)/.test(path))
  const list = ['-C', rootfs, '--no-recursion', '--null', '--verbatim-files-from', '-T', '-', '-cf', generated]
  await run('tar', list, { input: paths.toSorted().join('\0') })
  await addOwnFiles(rootfs, architecture, onLine)
}

/** Makes the file system for another processor; `native` is the one of this machine, `generated` what was written beside it. */
export async function makeForeignRootfs(
  rootfs: string,
  from: { native: string; generated: string; architecture: Architecture },
  to: Architecture,
  onLine: OnLine,
): Promise<void> {
  const names = readFileSync(join(from.native, 'var/lib/dpkg/status'), 'utf8').match(/(?<=^Package: ).*$/gm) ?? []
  const debs = mkdtempSync(`${rootfs}.debs-`)
  await run('sh', [join(here, '../deploy/image/debs.sh'), to, debs, ...names], { onLine })
  const words = [rootfs, debs, from.generated, triplets[from.architecture], triplets[to]]
  await run('sh', [join(here, 'unpack.sh'), ...words], { onLine })
  rmSync(debs, { recursive: true })
  await run('sh', [join(here, 'finish.sh'), rootfs], { onLine })
  await addOwnFiles(rootfs, to, onLine)
}

/** Folders in packages that are links in an installed system, made by mmdebstrap and the packages' scripts. */
const linkedFolders = ['bin', 'sbin', 'lib', 'lib64', 'var/run', 'var/lock']

/** Returns the paths in all installed packages, from the root and through its links: `/bin/ls` is `usr/bin/ls`. */
function packagedPaths(rootfs: string): ReadonlySet<string> {
  const info = join(rootfs, 'var/lib/dpkg/info')
  const lists = readdirSync(info).filter((name) => name.endsWith('.list'))
  const paths = lists.flatMap((name) => readFileSync(join(info, name), 'utf8').trim().split('\n'))
  const real = paths.map((path) => path.replace(/^\/(?=(bin|sbin|lib|lib64)\/)/, 'usr/').replace(/^\//, ''))
  return new Set(real.filter((path) => !linkedFolders.includes(path)))
}

async function addOwnFiles(rootfs: string, architecture: Architecture, onLine: OnLine): Promise<void> {
  for (const [source, path] of Object.entries(programs)) {
    const program = join(rootfs, path)
    mkdirSync(join(program, '..'), { recursive: true })
    const env = { CGO_ENABLED: '0', GOARCH: architecture, GOWORK: 'off', GOFLAGS: '-buildvcs=false' }
    const argv = ['build', '-trimpath', '-ldflags', '-s -w -buildid=', '-o', `${program}.new`, '.']
    await run('go', argv, { cwd: join(here, source), env, onLine })
    // Not readable: the kernel then protects the process from others of its user from its first instruction on.
    chmodSync(`${program}.new`, 0o111)
    renameSync(`${program}.new`, program)
  }
  // Mount point of the node's file system: it can't be created later in a read-only root file system.
  mkdirSync(join(rootfs, 'host'), { recursive: true })
  rmSync(join(rootfs, 'dev'), { recursive: true, force: true })
  mkdirSync(join(rootfs, 'dev'))
}
