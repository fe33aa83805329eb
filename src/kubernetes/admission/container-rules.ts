import type { CapabilitySet, Policy } from '#core/policy/policy'
import { managedBy, runLabel } from '#core/runs/debug-spec'
import type { SessionLifetime } from '#core/sessions/session'

/** What a policy can ever allow, and the accounts and the namespace for which Kubernetes enforces it. */
export type AdmissionScope = {
  policy: Policy
  /** `repo:version`, or `repo@sha256:…`. */
  image: string
  namespace: string
  /** Folders that a read-only mount has to hide. */
  masked: readonly string[]
  /**
   * Seconds for which reused containers may be idle, and exist in addition to a deadline; left out where none is
   * reused.
   */
  stays?: SessionLifetime
  /** User names of the accounts of bot and workers. */
  accounts: readonly string[]
}

export type Validation = { expression: string; message: string }

/** Seconds for which a pod may outlive its deadline: `--timeout` (at most an hour), and the pod's own grace period. */
const startAndGraceSeconds = 3_600 + 30

export const text = (value: string) => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
export const list = (values: readonly string[]) => `[${values.map(text).join(', ')}]`

/** Converts a pattern with `*` to a regular expression for an image's whole name; a digest may follow. Syntax: RE2. */
function toRegex(pattern: string): string {
  const digest = '(@sha256:[0-9a-f]{64})?'
  const escaped = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return `^${escaped.join('[^@]*')}${pattern.includes('@') ? '' : digest}$`
}

/** Returns the repository of an image, without its tag and digest. */
function repositoryOf(image: string): string {
  const [named = ''] = image.split('@')
  return named.replace(/:[^/:]*$/, '')
}

function imageCondition({ image, policy }: AdmissionScope): string {
  // By their names, or by any digest of their repositories, because a pinned image has no tag any more.
  const named = [image, ...policy.sets.flatMap((set) => set.images)]
  const patterns = [
    ...new Set(named.flatMap((each) => (each.includes('@') ? [each] : [each, `${repositoryOf(each)}@sha256:*`]))),
  ]
  return `[${patterns.map((pattern) => text(toRegex(pattern))).join(', ')}].exists(p, c.image.matches(p))`
}

/** Returns a condition that allows only the capabilities that some set can give. */
function capabilityCondition(sets: readonly CapabilitySet[]): string {
  const all = [...new Set(sets.flatMap((set) => set.capabilities))].sort()
  const added = `c.?securityContext.?capabilities.?add.orValue([])`
  // ALL gives every capability except SYS_ADMIN, which has to be named, as in the policy itself.
  if (all.includes('ALL')) return all.includes('SYS_ADMIN') ? 'true' : `!${added}.exists(a, a in ['SYS_ADMIN'])`
  return `${added}.all(a, a in ${list(all)})`
}

/** Returns the rules for one container `c`, in a debug pod or ephemeral. */
export function containerRules(scope: AdmissionScope): Validation[] {
  const { sets } = scope.policy
  const strong = sets.some((set) => set.capabilities.some((each) => each === 'ALL' || each === 'SYS_ADMIN'))
  const seccomp = sets.some(({ unconfined }) => unconfined.includes('seccomp'))
  const apparmor = sets.some(({ unconfined }) => unconfined.includes('apparmor'))
  const context = 'c.?securityContext'
  return [
    { expression: imageCondition(scope), message: 'the image is none of those that retina.yaml names' },
    { expression: `!${context}.?privileged.orValue(false)`, message: 'privileged' },
    { expression: capabilityCondition(sets), message: 'a Linux capability that no set can give' },
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

/** Returns the rules for the other fields of a debug pod. */
export function podRules(scope: AdmissionScope): Validation[] {
  const { sets } = scope.policy
  const filesystems = sets.map(({ host }) => host.filesystem)
  const writable = filesystems.includes('read-write')
  const readable = writable || filesystems.includes('read-only')
  const maxLifetimeSeconds =
    Math.max(0, ...sets.map(({ maxDeadline }) => maxDeadline)) + startAndGraceSeconds + (scope.stays?.life ?? 0)
  const volumes = 'object.spec.?volumes.orValue([])'
  const mounts = `object.spec.containers.all(c, c.?volumeMounts.orValue([])`
  const masks = scope.masked
    .map(
      (folder) =>
        `object.spec.containers[0].volumeMounts.exists(m, m.mountPath == ${text(`/host${folder}`)} && m.name == 'nothing')`,
    )
    .join(' && ')
  const isWritable = `object.spec.containers[0].volumeMounts.exists(m, m.name == 'host' && !m.?readOnly.orValue(false))`
  return [
    {
      expression: `request.namespace == ${text(scope.namespace)}`,
      message: `debug pods are made in ${scope.namespace} only`,
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
      expression: `object.spec.?activeDeadlineSeconds.orValue(0) > 0 && object.spec.activeDeadlineSeconds <= ${maxLifetimeSeconds}`,
      message: `a pod without an end, or with one later than ${maxLifetimeSeconds} s`,
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
