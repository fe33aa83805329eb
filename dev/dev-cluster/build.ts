import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { cached } from '#dev/machine/cache'
import { mmdebstrap } from '#dev/machine/debian'
import { buildGo } from '#dev/machine/go-build'
import { run } from '#dev/machine/run'
import { nodePackages, versions } from './versions.ts'

export type OnLine = (line: string) => void

const goSources = join(import.meta.dirname, 'go')

const kubernetesFlags = [
  ...['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((where) => [
    `-X ${where}.gitVersion=${versions.kubernetes}`,
    `-X ${where}.gitMajor=1`,
    `-X ${where}.gitMinor=${versions.kubernetes.split('.')[1]}`,
  ]),
  '-s -w',
].join(' ')

type ClusterBuild = { name: string; cgo?: boolean; args: (out: string) => string[] }

const containerdCommands = 'github.com/containerd/containerd/v2/cmd'
const goBuilds: readonly ClusterBuild[] = [
  { name: 'kubernetes', args: (out) => ['-ldflags', kubernetesFlags, '-o', join(out, 'kubernetes'), '.'] },
  {
    name: 'containerd',
    args: (out) => [
      ...['-ldflags', `-s -w -X github.com/containerd/containerd/v2/version.Version=${versions.containerd}`],
      ...['-tags', 'no_btrfs,no_zfs,no_devmapper', '-o', `${out}/`],
      ...['containerd', 'containerd-shim-runc-v2', 'ctr'].map((each) => `${containerdCommands}/${each}`),
    ],
  },
  {
    name: 'runc',
    // The first process that runc starts is written in C, and its seccomp filters come from libseccomp.
    cgo: true,
    args: (out) => [
      ...['-ldflags', `-s -w -X main.version=${versions.runc.slice(1)}`],
      ...['-tags', 'seccomp', '-o', join(out, 'runc'), 'github.com/opencontainers/runc'],
    ],
  },
  { name: 'coredns', args: (out) => ['-ldflags', '-s -w', '-o', join(out, 'coredns'), '.'] },
  { name: 'pause', args: (out) => ['-ldflags', '-s -w', '-o', join(out, 'pause'), '.'] },
]

/** Image registry and its client, for tests that push images; not a part of the cluster. */
const crane: ClusterBuild = {
  name: 'crane',
  args: (out) => ['-ldflags', '-s -w', '-o', join(out, 'crane'), 'github.com/google/go-containerregistry/cmd/crane'],
}

/** Folder of each build. */
export type Builds = {
  kubernetes: string
  containerd: string
  runc: string
  coredns: string
  pause: string
  rootfs: string
}

export const buildSteps = ['node file system', ...goBuilds.map((each) => `build ${each.name}`)]

/** Builds what isn't in the cache: about 12 minutes on two cores the first time, then no time. */
export async function buildAll(step: (name: string) => void, onLine: OnLine): Promise<Builds> {
  step('node file system')
  const rootfs = await buildRootfs(onLine)
  const folders: Record<string, string> = {}
  for (const each of goBuilds) {
    step(`build ${each.name}`)
    folders[each.name] = await buildClusterPart(each, onLine)
  }
  const folder = (name: string) => folders[name] ?? ''
  const [kubernetes, containerd, runc] = [folder('kubernetes'), folder('containerd'), folder('runc')]
  return { rootfs, kubernetes, containerd, runc, coredns: folder('coredns'), pause: folder('pause') }
}

/** Builds crane, or returns it from the cache: a minute on two cores the first time. Resolves with the program's path. */
export async function buildCrane(onLine: OnLine): Promise<string> {
  return join(await buildClusterPart(crane, onLine), 'crane')
}

function buildClusterPart(build: ClusterBuild, onLine: OnLine): Promise<string> {
  return buildGo({ ...build, cacheName: `dev-cluster-${build.name}`, source: join(goSources, build.name) }, onLine)
}

async function buildRootfs(onLine: OnLine): Promise<string> {
  const folder = await cached('dev-cluster-rootfs', [versions.debian, ...nodePackages], async (target) => {
    const rootfs = join(target, 'rootfs')
    const include = `--include=${nodePackages.join(',')}`
    await mmdebstrap(['--variant=minbase', include, versions.debian, rootfs], { onLine })
    // Without these files each node generates its own id at its first start.
    for (const each of ['etc/machine-id', 'var/lib/dbus/machine-id']) rmSync(join(rootfs, each), { force: true })
  })
  return join(folder, 'rootfs')
}

/** Copies the template file system to the folder that is a node's disk. */
export async function copyRootfs(template: string, target: string): Promise<void> {
  await run('cp', ['-a', '--reflink=auto', template, target])
}
