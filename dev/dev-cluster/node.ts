import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { run } from '#dev/machine/run'
import { type Builds, copyRootfs } from './build.ts'
import { nodeFiles } from './node-files.ts'
import { runningPid, startProcess } from './processes.ts'
import { ensureFolder } from './state.ts'
import { bridge, type NodeName, nodes } from './versions.ts'

/** Folder of the built programs inside a node. */
const programs = '/opt/dev-cluster'

/** Starts a node: a systemd-nspawn container with its own systemd, containerd and kubelet. */
export async function startNode(name: NodeName, builds: Builds): Promise<void> {
  if (runningPid(name) !== undefined) return
  const root = join(ensureFolder('nodes'), name)
  await copyRootfs(builds.rootfs, root)
  for (const [path, text] of Object.entries(nodeFiles(name))) {
    const file = join(root, path)
    mkdirSync(join(file, '..'), { recursive: true })
    writeFileSync(file, text)
  }
  const wants = join(root, 'etc/systemd/system/multi-user.target.wants')
  for (const unit of ['prepare-node', 'containerd', 'kubelet', 'kube-proxy']) {
    await run('ln', ['-sf', `../${unit}.service`, join(wants, `${unit}.service`)])
  }
  // systemd-networkd would remove the address that prepare-node sets.
  for (const unit of ['systemd-networkd.service', 'systemd-networkd.socket']) {
    await run('ln', ['-sf', '/dev/null', join(root, 'etc/systemd/system', unit)])
  }
  const binds = (['kubernetes', 'containerd', 'runc'] as const).map(
    (part) => `--bind-ro=${builds[part]}:${programs}/${part}`,
  )
  const flags = [
    ...['--quiet', '--register=no', '--keep-unit', '--boot', `--directory=${root}`, `--machine=${name}`],
    ...[`--network-bridge=${bridge}`, '--capability=all', '--bind=/dev/kmsg', ...binds],
    '--system-call-filter=@mount @keyring bpf perf_event_open',
    '--console=read-only',
  ]
  startProcess(name, 'systemd-nspawn', flags, { SYSTEMD_NSPAWN_API_VFS_WRITABLE: '1' })
}

/** Returns the pid, in the machine's pid namespace, of a node's init process. */
export function nodeInit(name: NodeName): number | undefined {
  const pid = runningPid(name)
  if (pid === undefined) return undefined
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ')
  const first = Number(children[0])
  return Number.isInteger(first) && first > 0 ? first : undefined
}

/** Runs a program on a node, in all of its namespaces, and resolves with its standard output. */
export function nodeExec(name: NodeName, argv: readonly string[], input?: string): Promise<string> {
  const init = nodeInit(name)
  if (init === undefined) return Promise.reject(new Error(`${name} is not running`))
  const enter = ['--target', String(init), '--mount', '--uts', '--ipc', '--net', '--pid', '--root', '--wd=/']
  return run('nsenter', [...enter, '--', ...argv], input === undefined ? {} : { input })
}

export function nodeNames(): readonly NodeName[] {
  return nodes.map((node) => node.name)
}
