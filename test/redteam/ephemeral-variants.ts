import type { V1EphemeralContainer, V1PodSpec } from '@kubernetes/client-node'
import type { Kind } from './legitimate.ts'
import type { Deviation } from './pod-variants.ts'

/** Body of a patch of `pods/ephemeralcontainers`. */
export type EphemeralPatch = { metadata?: object; spec: { ephemeralContainers: readonly V1EphemeralContainer[] } }

/** A pod of somebody's. */
type PodDraft = { name: string; spec: Partial<V1PodSpec> }

/** The program's container of a kind, in the pod; `container` is the one whose processes it enters. */
export type ContainerCase = { kind: Kind; container?: string; accepted: boolean }

const web = { name: 'web', image: 'example.com/web:1' }

const api = 'Kubernetes, "EphemeralContainer v1 core"'
const own = 'own'
const container = '/spec/ephemeralContainers/0'
const context = `${container}/securityContext`
const digest = `sha256:${'5'.repeat(64)}`
const other = { name: 'retina-otherrunothe', image: 'docker.io/library/alpine:3', command: ['sh'] }

/** Name of a pod with a volume, one of `nodePods`, that they are patches of. */
export const patchedPod = 'disk'

/** Patches of a pod that adds the program's container with one deviation each: none is to be accepted. */
export const ephemeralVariants: readonly Deviation[] = [
  { what: 'another name', at: `${container}/name`, be: 'debugger', source: own },
  { what: 'the name of another run', at: `${container}/name`, be: 'retina-otherrunothe', source: own },
  { what: 'a second container', at: '/spec/ephemeralContainers/-', be: other, source: own },
  { what: 'another image', at: `${container}/image`, be: 'docker.io/library/alpine:3', source: own },
  { what: 'another repository’s digest', at: `${container}/image`, be: `evil.example/shell@${digest}`, source: own },
  { what: 'a pull that never asks', at: `${container}/imagePullPolicy`, be: 'Never', source: own },
  { what: 'a shell', at: `${container}/command`, be: ['sh'], source: own },
  { what: 'no command', at: `${container}/command`, source: own },
  { what: 'the id of another run', at: `${container}/command/2`, be: 'otherrunothe', source: own },
  { what: 'a run without an end', at: `${container}/command/4`, be: '86400', source: own },
  { what: 'a longer stay', of: 'warm', at: `${container}/command/8`, be: '999999', source: own },
  { what: 'arguments', at: `${container}/args`, be: ['x'], source: own },
  { what: 'a working directory', at: `${container}/workingDir`, be: '/proc/1/root', source: own },
  {
    what: 'a preloaded library',
    at: `${container}/env/-`,
    be: { name: 'LD_PRELOAD', value: '/tmp/x.so' },
    source: own,
  },
  {
    what: 'a secret in the environment',
    at: `${container}/env/-`,
    be: { name: 'x', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    source: own,
  },
  { what: 'a secret as environment', at: `${container}/envFrom`, be: [{ secretRef: { name: 's' } }], source: own },
  {
    what: 'a volume of the pod',
    at: `${container}/volumeMounts`,
    be: [{ name: 'logs', mountPath: '/x' }],
    source: own,
  },
  {
    what: 'a block device of the pod',
    at: `${container}/volumeDevices`,
    be: [{ name: 'logs', devicePath: '/dev/x' }],
    source: own,
    alsoServer: true,
  },
  { what: 'a standard input', at: `${container}/stdin`, be: true, source: own },
  { what: 'a standard input, once', at: `${container}/stdinOnce`, be: true, source: own },
  { what: 'a terminal', at: `${container}/tty`, be: true, source: own },
  { what: 'a message from another file', at: `${container}/terminationMessagePath`, be: '/tmp/x', source: own },
  {
    what: 'a message from the log',
    at: `${container}/terminationMessagePolicy`,
    be: 'FallbackToLogsOnError',
    source: own,
  },
  {
    what: 'a hook',
    at: `${container}/lifecycle`,
    be: { postStart: { exec: { command: ['id'] } } },
    source: api,
    alsoServer: true,
  },
  {
    what: 'a probe',
    at: `${container}/livenessProbe`,
    be: { exec: { command: ['id'] } },
    source: api,
    alsoServer: true,
  },
  { what: 'a port', at: `${container}/ports`, be: [{ containerPort: 80 }], source: api, alsoServer: true },
  { what: 'resources', at: `${container}/resources`, be: { limits: { memory: '1Ti' } }, source: api, alsoServer: true },
  { what: 'a restart', at: `${container}/restartPolicy`, be: 'Always', source: api, alsoServer: true },
  { what: 'privileged', at: context, be: { privileged: true }, source: own },
  { what: 'no security context', at: context, source: own },
  { what: 'a gain of rights', at: `${context}/allowPrivilegeEscalation`, be: true, source: own },
  { what: 'another capability', at: `${context}/capabilities/add`, be: ['SYS_PTRACE'], source: own },
  { what: 'no capability dropped', at: `${context}/capabilities/drop`, source: own },
  {
    what: 'the user of many images',
    at: `${context}/runAsUser`,
    be: 1_000,
    source: 'seen to read another team’s environment',
  },
  {
    what: 'the user of the image',
    at: `${context}/runAsUser`,
    be: 65_532,
    source: 'seen to read another team’s environment',
  },
  { what: 'no user: that of the pod', at: `${context}/runAsUser`, source: own },
  { what: 'root’s group', at: `${context}/runAsGroup`, be: 0, source: own },
  { what: 'no seccomp', at: `${context}/seccompProfile`, be: { type: 'Unconfined' }, of: 'netfilter', source: own },
  { what: 'AppArmor off', of: 'netfilter', at: `${context}/appArmorProfile`, be: { type: 'Unconfined' }, source: own },
  { what: 'SELinux', at: `${context}/seLinuxOptions`, be: { level: 's0:c1,c2' }, source: own },
  { what: 'an unmasked /proc', at: `${context}/procMount`, be: 'Unmasked', source: own, alsoServer: true },
  {
    what: 'capabilities of two sets',
    of: 'netfilter',
    at: `${context}/capabilities/add/-`,
    be: 'SYS_CHROOT',
    source: own,
  },
  {
    what: 'a label that a service selects',
    at: '/metadata/labels',
    be: { app: 'payments' },
    source: own,
    dropped: 'payments',
  },
  {
    what: 'an annotation',
    at: '/metadata/annotations',
    be: { 'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false' },
    source: own,
    dropped: 'safe-to-evict',
  },
  {
    what: 'a finalizer',
    at: '/metadata/finalizers',
    be: ['example.com/never'],
    source: own,
    dropped: 'example.com/never',
  },
  {
    what: 'an owner',
    at: '/metadata/ownerReferences',
    be: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'gone', uid: '00000000-0000-4000-8000-000000000001' }],
    source: 'Kubernetes, "Garbage Collection"',
    dropped: 'gone',
  },
]

/** Pods of a namespace that have more of their node than a pod has, and containers of runs in them. */
export const nodePods: readonly (PodDraft & { containers: readonly ContainerCase[] })[] = [
  {
    name: 'host-pid',
    spec: { hostPID: true, hostNetwork: true },
    containers: [
      { kind: 'plain', accepted: true },
      { kind: 'host-pid', accepted: true },
      { kind: 'netfilter', accepted: false },
      { kind: 'trace', accepted: false },
    ],
  },
  {
    name: 'host-ipc',
    spec: { hostIPC: true },
    containers: [
      { kind: 'plain', accepted: true },
      { kind: 'netfilter', accepted: false },
    ],
  },
  {
    name: 'privileged',
    spec: { containers: [web, { ...web, name: 'agent', securityContext: { privileged: true } }] },
    containers: [
      { kind: 'plain', container: 'agent', accepted: true },
      { kind: 'netfilter', accepted: true },
      { kind: 'netfilter', container: 'web', accepted: true },
      { kind: 'netfilter', container: 'agent', accepted: false },
      { kind: 'read-only', container: 'agent', accepted: false },
    ],
  },
  {
    name: 'capable',
    spec: {
      shareProcessNamespace: true,
      containers: [web, { ...web, name: 'agent', securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }],
    },
    containers: [
      { kind: 'plain', accepted: true },
      { kind: 'netfilter', accepted: false },
      { kind: 'netfilter', container: 'web', accepted: false },
    ],
  },
  {
    name: 'disk',
    spec: {
      volumes: [{ name: 'logs', hostPath: { path: '/var/log' } }],
      containers: [
        web,
        { ...web, name: 'agent', volumeMounts: [{ name: 'logs', mountPath: '/logs', readOnly: true }] },
      ],
    },
    containers: [
      { kind: 'plain', container: 'agent', accepted: true },
      { kind: 'netfilter', container: 'web', accepted: true },
      { kind: 'netfilter', container: 'agent', accepted: false },
    ],
  },
]
