import type { CapabilitySet, Policy } from '#core/policy/policy'
import { managedBy, runLabel } from '#core/runs/debug-spec'
import type { SessionLifetime } from '#core/sessions/session'

/** What a policy can ever allow, and for whom Kubernetes is to hold it. */
export type AdmissionScope = {
  policy: Policy
  /** `repo:version`, or `repo@sha256:…`. */
  image: string
  namespace: string
  /** Folders that a read-only mount has to hide. */
  masked: readonly string[]
  /** Seconds for which containers may stay ready, and stand at all beyond a deadline; left out where none stays. */
  stays?: SessionLifetime
  /** User names of the accounts of bot and workers. */
  accounts: readonly string[]
}

export type Validation = { expression: string; message: string }

/** Seconds that a pod may live beyond its deadline: `--timeout` is at most an hour, and the pod's own grace. */
const startAndGrace = 3_600 + 30

export const text = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
export const list = (values: readonly string[]) => `[${values.map(text).join(', ')}]`

/** A pattern with `*` as a regular expression over an image's whole name; a digest may follow. Syntax: RE2. */
function imagePattern(pattern: string): string {
  const digest = '(@sha256:[0-9a-f]{64})?'
  const escaped = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return `^${escaped.join('[^@]*')}${pattern.includes('@') ? '' : digest}$`
}

/** The repository of an image, its tag and digest left out. */
function repositoryOf(image: string): string {
  return image.replace(/@.*$/, '').replace(/:[^/:]*$/, '')
}

function images({ image, policy }: AdmissionScope): string {
  // By their names, or by any digest of their repositories: what is pinned has no tag any more.
  const named = [image, ...policy.sets.flatMap((set) => set.images)]
  const patterns = [
    ...new Set(named.flatMap((each) => (each.includes('@') ? [each] : [each, `${repositoryOf(each)}@sha256:*`]))),
  ]
  return `[${patterns.map((pattern) => text(imagePattern(pattern))).join(', ')}].exists(p, c.image.matches(p))`
}

/** Capabilities that some set can give; undefined where one gives all. */
function capabilities(sets: readonly CapabilitySet[]): string {
  const all = [...new Set(sets.flatMap((set) => set.capabilities))].sort()
  const added = `c.?securityContext.?capabilities.?add.orValue([])`
  // ALL gives every other, and never SYS_ADMIN unless that is named, as in the policy itself.
  if (all.includes('ALL')) return all.includes('SYS_ADMIN') ? 'true' : `!${added}.exists(a, a in ['SYS_ADMIN'])`
  return `${added}.all(a, a in ${list(all)})`
}

/** Rules for one container `c`, in a debug pod or ephemeral. */
export function containerRules(fence: AdmissionScope): Validation[] {
  const { sets } = fence.policy
  const strong = sets.some((set) => set.capabilities.some((each) => each === 'ALL' || each === 'SYS_ADMIN'))
  const seccomp = sets.some(({ unconfined }) => unconfined.includes('seccomp'))
  const apparmor = sets.some(({ unconfined }) => unconfined.includes('apparmor'))
  const context = 'c.?securityContext'
  return [
    { expression: images(fence), message: 'the image is none of those that retina.yaml names' },
    { expression: `!${context}.?privileged.orValue(false)`, message: 'privileged' },
    { expression: capabilities(sets), message: 'a Linux capability that no set can give' },
    {
      expression: `${context}.?capabilities.?drop.orValue([]).exists(d, d == 'ALL')`,
      message: 'capabilities that were not asked for are not dropped',
    },
    ...(strong
      ? []
      : [
          {
            expression: `${context}.?allowPrivilegeEscalation.orValue(true) == false`,
            message: 'privilege escalation',
          },
        ]),
    { expression: `${context}.?procMount.orValue('Default') == 'Default'`, message: 'an unmasked /proc' },
    ...(seccomp
      ? []
      : [
          { expression: `${context}.?seccompProfile.?type.orValue('') == 'RuntimeDefault'`, message: 'seccomp is off' },
        ]),
    ...(apparmor
      ? []
      : [
          {
            expression: `${context}.?appArmorProfile.?type.orValue('RuntimeDefault') == 'RuntimeDefault'`,
            message: 'AppArmor is off',
          },
        ]),
    { expression: `!has(c.env) && !has(c.envFrom)`, message: 'environment from elsewhere' },
    { expression: `!has(c.volumeDevices)`, message: 'a block device' },
  ]
}

/** Rules for a debug pod's own parts. */
export function podRules(fence: AdmissionScope): Validation[] {
  const { sets } = fence.policy
  const disk = sets.map(({ host }) => host.filesystem)
  const writable = disk.includes('read-write')
  const readable = writable || disk.includes('read-only')
  const longest = Math.max(0, ...sets.map(({ maxDeadline }) => maxDeadline)) + startAndGrace + (fence.stays?.life ?? 0)
  const volumes = 'object.spec.?volumes.orValue([])'
  const mounts = `object.spec.containers.all(c, c.?volumeMounts.orValue([])`
  const masks = fence.masked
    .map(
      (folder) =>
        `object.spec.containers[0].volumeMounts.exists(m, m.mountPath == ${text(`/host${folder}`)} && m.name == 'nothing')`,
    )
    .join(' && ')
  const isWritable = `object.spec.containers[0].volumeMounts.exists(m, m.name == 'host' && !m.?readOnly.orValue(false))`
  return [
    {
      expression: `request.namespace == ${text(fence.namespace)}`,
      message: `debug pods are made in ${fence.namespace} only`,
    },
    {
      expression: `object.metadata.?labels['app.kubernetes.io/managed-by'].orValue('') == ${text(managedBy)} && object.metadata.name == 'retina-' + object.metadata.?labels[${text(runLabel)}].orValue('?')`,
      message: 'a pod without the labels and the name of its run',
    },
    {
      expression: `object.spec.containers.size() == 1 && object.spec.?initContainers.orValue([]).size() == 0 && object.spec.?ephemeralContainers.orValue([]).size() == 0`,
      message: 'more containers than one',
    },
    { expression: `object.spec.?restartPolicy.orValue('Always') == 'Never'`, message: 'a pod that starts again' },
    {
      expression: `object.spec.?activeDeadlineSeconds.orValue(0) > 0 && object.spec.activeDeadlineSeconds <= ${longest}`,
      message: `a pod without an end, or with one later than ${longest} s`,
    },
    {
      expression: `object.spec.?automountServiceAccountToken.orValue(true) == false`,
      message: "a service account's token",
    },
    {
      expression: `object.spec.?serviceAccountName.orValue('default') in ['', 'default']`,
      message: 'a service account',
    },
    { expression: `!object.spec.?hostIPC.orValue(false)`, message: "the host's IPC" },
    ...(sets.some(({ host }) => host.pid)
      ? []
      : [{ expression: `!object.spec.?hostPID.orValue(false)`, message: "the host's processes" }]),
    {
      expression: `${volumes}.all(v, (has(v.hostPath) && v.name == 'host' && v.hostPath.path == '/') || (has(v.emptyDir) && v.name == 'nothing'))`,
      message: "a volume that is not the node's root",
    },
    ...(readable ? [] : [{ expression: `!${volumes}.exists(v, has(v.hostPath))`, message: "the node's disk" }]),
    ...(writable
      ? []
      : [
          {
            expression: `${mounts}.all(m, m.?readOnly.orValue(false)))`,
            message: "a writable mount of the node's disk",
          },
        ]),
    {
      expression: `${mounts}.all(m, m.name != 'host' || !m.?readOnly.orValue(false) || m.?recursiveReadOnly.orValue('') == 'Enabled'))`,
      message: 'a read-only mount that is not so below its submounts',
    },
    ...(masks === ''
      ? []
      : [
          {
            expression: `!${volumes}.exists(v, has(v.hostPath)) || ${writable ? `(${isWritable}) || ` : ''}(${masks})`,
            message: "a read-only mount in which the runtime's sockets can be reached",
          },
        ]),
  ]
}
