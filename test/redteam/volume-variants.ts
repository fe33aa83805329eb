import type { Deviation } from './pod-variants.ts'

const api = 'Kubernetes, "Pod v1 core"'
const pss = 'Kubernetes, "Pod Security Standards"'
const own = 'own'
const seen = 'seen to be accepted'
const container = '/spec/containers/0'
const context = `${container}/securityContext`
const mounts = `${container}/volumeMounts`

const longRun = [
  ...['/usr/local/bin/retina-run', '--run', 'redteamredte', '--deadline', '300', '--max-bytes', '1000'],
  ...['--words', '1', '--', 'id'],
]

const volume = (source: object, name = 'nothing') => ({ name, ...source })
const size = { sizeLimit: '4Ki' }

const volumes: readonly Deviation[] = [
  ...(
    [
      ['a secret', { secret: { secretName: 's' } }],
      ['a config map', { configMap: { name: 'c' } }],
      ['a token', { projected: { sources: [{ serviceAccountToken: { path: 'token', audience: 'vault' } }] } }],
      ['the downward API', { downwardAPI: { items: [{ path: 'x', fieldRef: { fieldPath: 'metadata.name' } }] } }],
      ['a claim of a disk', { persistentVolumeClaim: { claimName: 'payments' } }],
      ['a CSI volume', { csi: { driver: 'secrets-store.csi.k8s.io' } }],
      ['NFS', { nfs: { server: '10.0.0.9', path: '/' } }],
      ['an image as a volume', { image: { reference: 'evil.example/x:1' } }],
      ['a git repository', { gitRepo: { repository: 'https://evil.example/x' } }],
      ['/etc of the node', { hostPath: { path: '/etc' } }],
      ['an empty folder', { emptyDir: {} }],
    ] as const
  ).map(([what, source]) => ({
    what,
    at: '/spec/volumes',
    be: [volume(source)],
    source: pss,
    alsoServer: true as const,
  })),
  {
    what: 'a volume more',
    of: 'read-only',
    at: '/spec/volumes/-',
    be: volume({ emptyDir: size }, 'third'),
    source: own,
  },
  {
    what: 'the node’s root once more',
    of: 'read-only',
    at: '/spec/volumes/-',
    be: volume({ hostPath: { path: '/' } }, 'again'),
    source: own,
  },
  {
    what: 'a socket of the node',
    of: 'read-only',
    at: '/spec/volumes/0/hostPath',
    be: { path: '/run/containerd/containerd.sock', type: 'Socket' },
    source: pss,
  },
  { what: 'the node’s root by a detour', of: 'read-only', at: '/spec/volumes/0/hostPath/path', be: '/.', source: own },
  {
    what: 'a folder that is made',
    of: 'read-write',
    at: '/spec/volumes/0/hostPath/type',
    be: 'DirectoryOrCreate',
    source: own,
  },
  {
    what: 'an empty folder in memory',
    of: 'read-only',
    at: '/spec/volumes/1/emptyDir',
    be: { ...size, medium: 'Memory' },
    source: own,
  },
  { what: 'a large empty folder', of: 'read-only', at: '/spec/volumes/1/emptyDir/sizeLimit', be: '100Gi', source: own },
]

const host = { name: 'host', readOnly: true, recursiveReadOnly: 'Enabled' }

const volumeMounts: readonly Deviation[] = [
  {
    what: 'the node’s root at a second path',
    of: 'read-only',
    at: `${mounts}/-`,
    be: { ...host, mountPath: '/again' },
    source: seen,
  },
  { what: 'the node’s root at another path', of: 'read-only', at: `${mounts}/0/mountPath`, be: '/mnt', source: own },
  {
    what: 'the node’s root over the image’s tools',
    of: 'read-only',
    at: `${mounts}/0/mountPath`,
    be: '/usr',
    source: own,
  },
  {
    what: 'a file of the node over the runner',
    of: 'read-only',
    at: `${mounts}/-`,
    be: { ...host, mountPath: '/usr/local/bin/retina-run', subPath: 'bin/bash' },
    source: seen,
  },
  {
    what: 'a part of the node’s disk',
    of: 'read-only',
    at: `${mounts}/0/subPath`,
    be: 'etc',
    source: 'CVE-2017-1002101',
  },
  {
    what: 'a part by an expression',
    of: 'read-only',
    at: `${mounts}/0/subPathExpr`,
    be: '$(HOME)',
    source: 'CVE-2021-25741, a kind of',
  },
  {
    what: 'a part of the disk to write to',
    of: 'read-write',
    at: `${mounts}/0/subPath`,
    be: 'run',
    source: 'CVE-2017-1002101',
  },
  {
    what: 'mounts that come later',
    of: 'read-only',
    at: `${mounts}/0/mountPropagation`,
    be: 'HostToContainer',
    source: api,
    alsoServer: true,
  },
  {
    what: 'mounts of the container on the node',
    of: 'read-write',
    at: `${mounts}/0/mountPropagation`,
    be: 'Bidirectional',
    source: pss,
    alsoServer: true,
  },
  {
    what: 'a read-only mount that may be written',
    of: 'read-only',
    at: `${mounts}/0`,
    be: { name: 'host', mountPath: '/host' },
    source: own,
  },
  { what: 'submounts that may be written', of: 'read-only', at: `${mounts}/0/recursiveReadOnly`, source: own },
  {
    what: 'submounts that may be written somewhere',
    of: 'read-only',
    at: `${mounts}/0/recursiveReadOnly`,
    be: 'IfPossible',
    source: api,
  },
  { what: 'no mask over the runtime’s sockets', of: 'read-only', at: `${mounts}/1`, source: own },
  {
    what: 'a mask at another place',
    of: 'read-only',
    at: `${mounts}/1/mountPath`,
    be: '/host/run/containerd/x',
    source: own,
  },
  { what: 'a mask by another volume', of: 'read-only', at: `${mounts}/1/name`, be: 'host', source: own },
  { what: 'a mask that may be written', of: 'read-only', at: `${mounts}/1/readOnly`, be: false, source: own },
  {
    what: 'an empty folder over the image’s tools',
    of: 'read-only',
    at: `${mounts}/-`,
    be: { name: 'nothing', mountPath: '/usr/local/bin', readOnly: true },
    source: own,
  },
  {
    what: 'a second mask',
    of: 'read-only',
    at: `${mounts}/-`,
    be: { name: 'nothing', mountPath: '/host/etc', readOnly: true },
    source: own,
  },
  {
    what: 'the mount without its volume',
    at: mounts,
    be: [{ ...host, mountPath: '/host' }],
    source: own,
    alsoServer: true,
  },
]

const together: readonly Deviation[] = [
  {
    what: 'one set’s capability with another’s processes',
    of: 'netfilter',
    at: '/spec/hostPID',
    be: true,
    source: own,
  },
  {
    what: 'one set’s capability with another’s disk',
    of: 'read-write',
    at: `${context}/capabilities/add`,
    be: ['NET_ADMIN'],
    source: own,
  },
  {
    what: 'capabilities of two sets',
    of: 'netfilter',
    at: `${context}/capabilities/add/-`,
    be: 'SYS_CHROOT',
    source: own,
  },
  { what: 'a writable disk with another’s processes', of: 'read-write', at: '/spec/hostPID', be: true, source: own },
  {
    what: 'seccomp off with another’s disk',
    of: 'read-only',
    at: `${context}/seccompProfile/type`,
    be: 'Unconfined',
    source: own,
  },
  {
    what: 'AppArmor off with another’s capability',
    of: 'netfilter',
    at: `${context}/appArmorProfile`,
    be: { type: 'Unconfined' },
    source: own,
  },
  {
    what: 'SYS_ADMIN with another’s disk',
    of: 'read-only',
    at: `${context}/capabilities/add`,
    be: ['SYS_ADMIN'],
    source: own,
    alsoServer: true,
  },
  {
    what: 'another set’s image with the disk',
    of: 'read-write',
    at: `${container}/image`,
    be: 'localhost/retina-chatops/tracer:v2',
    source: own,
  },
  {
    what: 'a writable disk for longer than its set has',
    of: 'read-write',
    at: `${container}/command`,
    be: longRun,
    source: own,
  },
  {
    what: 'a gain of rights that no capability wants',
    of: 'netfilter',
    at: `${context}/allowPrivilegeEscalation`,
    be: true,
    source: own,
  },
]

/** Debug pods of nodes with one deviation each in volumes, or with rights of two sets together: none is to be accepted. */
export const volumeVariants: readonly Deviation[] = [...volumes, ...volumeMounts, ...together]
