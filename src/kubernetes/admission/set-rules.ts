import type { CapabilitySet } from '#core/policy/policy'
import type { HostAccess } from '#core/request/tool'
import { hostFilesystem } from '#src/kubernetes/workload/pod-spec'
import type { AdmissionScope } from './admission-scope.ts'
import { literal, text, type Validation } from './cel.ts'
import { deadlineCondition } from './runner-command-rules.ts'

/** Converts a pattern with `*` to a regular expression for an image's whole name, which ends so. Syntax: RE2. */
function toRegex(pattern: string, end: string): string {
  const escaped = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return `^${escaped.join('[^@]*')}${end}$`
}

const digest = '@sha256:[0-9a-f]{64}'

/** Returns the repository of an image, without its tag and digest. */
function repositoryOf(image: string): string {
  const [named = ''] = image.split('@')
  return named.replace(/:[^/:]*$/, '')
}

/**
 * Returns a condition that allows these images: by their names, or by any digest of their repositories, because a
 * pinned image has no tag any more.
 */
export function imageCondition(images: readonly string[]): string {
  const regexes = images.flatMap((image) =>
    image.includes('@') ? [toRegex(image, '')] : [toRegex(image, `(${digest})?`), toRegex(repositoryOf(image), digest)],
  )
  return `[${[...new Set(regexes)].map(text).join(', ')}].exists(p, c.image.matches(p))`
}

const added = 'c.?securityContext.?capabilities.?add.orValue([])'

/** Returns a condition that allows only the capabilities that one of the sets gives. */
export function capabilityCondition(sets: readonly CapabilitySet[]): string {
  const all = [...new Set(sets.flatMap((set) => set.capabilities))].sort()
  // ALL gives every capability except SYS_ADMIN, which has to be named, as in the policy itself.
  if (all.includes('ALL')) return all.includes('SYS_ADMIN') ? 'true' : `!${added}.exists(a, a in ['SYS_ADMIN'])`
  return `${added}.all(a, a in ${literal(all)})`
}

/** Returns a condition that allows the confinement that one of the sets gives. */
export function confinementCondition(sets: readonly CapabilitySet[], kind: 'seccomp' | 'apparmor'): string {
  const isOff = sets.some(({ unconfined }) => unconfined.includes(kind))
  const profile = `c.?securityContext.?${kind === 'seccomp' ? 'seccompProfile' : 'appArmorProfile'}`
  // A container without this one has the runtime's default; for seccomp it has to be named.
  const usual = kind === 'seccomp' ? `${profile}.orValue({}) == {'type': 'RuntimeDefault'}` : `!${profile}.hasValue()`
  return isOff ? `(${usual} || ${profile}.orValue({}) == {'type': 'Unconfined'})` : usual
}

const accesses = {
  none: ['none'],
  'read-only': ['none', 'read-only'],
  'read-write': ['none', 'read-only', 'read-write'],
}

/** Returns a condition that allows exactly the volumes and mounts with which the sets' pods see their node's disk. */
export function filesystemCondition(access: HostAccess['filesystem'], masked: readonly string[]): string {
  const conditions = (accesses[access] as HostAccess['filesystem'][]).map((each) => {
    const { volumes, volumeMounts } = hostFilesystem(each, each === 'read-only' ? masked : [])
    return `variables.volumes == ${literal(volumes)} && variables.mounts == ${literal(volumeMounts)}`
  })
  return conditions.map((each) => `(${each})`).join(' || ')
}

/** Condition that root in `c` sees processes of a container that has its node: it would be root there. */
const entersNode = [
  `c.?securityContext.?runAsUser.orValue(0) == 0`,
  `variables.strong.exists(n, object.spec.?shareProcessNamespace.orValue(false) || n == c.?targetContainerName.orValue(''))`,
].join(' && ')

/**
 * Returns the rule that one set gives all that a container has: rights of two sets aren't put together. `pod`: whether
 * it is the container `c` of a debug pod, whose mounts and host namespaces count too.
 */
export function oneSetRule(scope: AdmissionScope, pod: boolean): Validation {
  const conditions = scope.policy.sets.map((set) =>
    [
      imageCondition([scope.image, ...set.images]),
      capabilityCondition([set]),
      confinementCondition([set], 'seccomp'),
      confinementCondition([set], 'apparmor'),
      deadlineCondition('c.command', set),
      ...(set.host.pid ? [] : ['!object.spec.?hostPID.orValue(false)']),
      ...(pod ? [`(${filesystemCondition(set.host.filesystem, scope.masked)})`] : []),
      // No set gives the host's IPC; it shows no more than processes that share memory by it.
      ...(pod || set.host.pid ? [] : ['!object.spec.?hostIPC.orValue(false)']),
      ...(pod || (set.host.pid && set.host.filesystem === 'read-write') ? [] : [`!(${entersNode})`]),
    ].join(' && '),
  )
  return {
    expression: conditions.length === 0 ? 'false' : conditions.map((each) => `(${each})`).join(' || '),
    message: 'no set of retina.yaml gives all of this together',
  }
}
