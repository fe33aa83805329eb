import type { V1EphemeralContainer, V1Pod, V1SecurityContext, V1Volume, V1VolumeMount } from '@kubernetes/client-node'
import { runtimeImage } from '#core/request/image'
import type { HostAccess } from '#core/request/tool'
import type { Resources } from '#core/runs/check-pod-settings'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { SessionLifetime } from '#core/sessions/session'
import { defined } from '#core/util/defined'

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never'

/** The owner's settings of all containers. */
export type ContainerSettings = {
  pullPolicy: PullPolicy
  /** Names of the secrets with which the kubelet pulls images of debug pods; pods that are debugged have their own. */
  imagePullSecrets?: readonly string[]
  /** Priority class of debug pods; left out, the cluster's default. */
  priorityClassName?: string
  /** Requests and limits of debug pods. Ephemeral containers can't have any. */
  resources?: Resources
  /** Labels and annotations of debug pods, besides those of the program. */
  labels?: Readonly<Record<string, string>>
  annotations?: Readonly<Record<string, string>>
}

/** What of a container isn't part of its run's spec. */
export type ContainerOptions = ContainerSettings & {
  /** User and group id, unless the container runs as root. */
  userId: number
  /** Present where the container is reused after its run. */
  stay?: SessionLifetime
  /** Present where the container is held for an interactive session, which is started in it later. */
  session?: { maxSeconds: number }
}

/** Returns the name of a run's debug pod, and of its ephemeral container. */
export function podName(runId: string): string {
  return `retina-${runId}`
}

/** Name of the container in a debug pod. */
export const debugContainerName = 'shell'

/** Seconds after all of a pod's own limits at which the cluster ends it, even if the bot is gone. */
const podGraceSeconds = 30

/** Mount path of the node's file system. */
const hostMount = '/host'

/** Environment of every container: its user has no entry in the image's /etc/passwd, which would name a home. */
export const containerEnvironment = [{ name: 'HOME', value: '/tmp' }]

/** Path of the runner in the image. */
export const runnerPath = '/usr/local/bin/retina-run'

/**
 * Seconds for which a container outlives its session's idle time, so that no run is sent into one that is about to end.
 */
const keepGraceSeconds = 60

/**
 * Returns a container's argv: the runner, and after `--` only arguments of the request, counted so that the runner
 * interprets none of them. `stay`: the container is reused, with these times in seconds.
 */
export function runnerCommand(runId: string, spec: DebugSpec, stay?: SessionLifetime): string[] {
  const keep = stay === undefined ? [] : ['--keep', String(stay.idle + keepGraceSeconds), '--life', String(stay.life)]
  return buildCommand(runId, spec, keep)
}

/**
 * Returns the argv that begins a run in an existing container, only once even if it is executed again, and follows it.
 * It reads the key of the run's frames from a line of its standard input.
 */
export function spoolCommand(runId: string, spec: DebugSpec): string[] {
  return buildCommand(runId, spec, ['--spool'])
}

/**
 * Returns the argv that waits in a container for the arguments of a `spoolCommand`, without its first, and the key of
 * the run's frames as JSON on a line of its standard input. The runner refuses one with a longer deadline (seconds), so that the limit that the
 * API server has seen and authorized applies to the run.
 */
export function execPoolCommand(deadline: number): string[] {
  return [runnerPath, '--standby', String(deadline)]
}

/** Returns the argv of a session's container, which ends with its session, or after so many seconds. */
function holdCommand(sessionId: string, maxSeconds: number): string[] {
  return [runnerPath, '--hold', sessionId, '--life', String(maxSeconds)]
}

function buildCommand(runId: string, spec: DebugSpec, modeFlags: readonly string[]): string[] {
  return [
    ...[runnerPath, '--run', runId],
    ...['--deadline', String(spec.deadline), '--max-bytes', String(spec.maxOutputBytes), ...modeFlags],
    ...wordsOf(spec.batch === undefined ? spec : { pipeline: [batchCommand(spec, spec.batch)] }),
  ]
}

/** Returns the arguments after which the runner finds the words of each stage; a dash marks one without capabilities. */
function wordsOf({ pipeline, bare }: Pick<DebugSpec, 'pipeline' | 'bare'>): string[] {
  const counts = pipeline.map((argv, at) => `${argv.length}${bare?.includes(at) ? '-' : ''}`)
  return ['--words', counts.join(','), '--', ...pipeline.flat()]
}

/** Returns the argv of the runner as the tool of a run: it runs the commands of a batch. */
function batchCommand(
  { pipeline, bare, maxOutputBytes }: DebugSpec,
  { later, againAfter, seconds, bytes, parallel }: NonNullable<DebugSpec['batch']>,
): string[] {
  const counts = pipeline.map(
    (argv, at) => `${argv.length}${bare?.includes(at) ? '-' : ''}${later.includes(at) ? '+' : ''}`,
  )
  return [
    ...[runnerPath, '--batch', '--again-after', String(againAfter), '--parallel', String(parallel)],
    ...['--deadline', String(seconds), '--max-bytes', String(bytes)],
    // Less than what ends the whole run.
    ...['--total', String(Math.floor(maxOutputBytes * 0.9))],
    ...['--words', counts.join(','), '--', ...pipeline.flat()],
  ]
}

/**
 * Returns the debug pod of a node: on that node whatever its taints, in its network namespace, with nothing that wasn't
 * requested.
 */
export function debugPod(runId: string, spec: DebugSpec, options: ContainerOptions): V1Pod {
  const { stay, session, imagePullSecrets = [], priorityClassName, resources } = options
  const { volumes, volumeMounts } = hostFilesystem(spec.host.filesystem, spec.masked)
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(runId),
      namespace: spec.namespace,
      labels: { ...options.labels, ...spec.labels },
      annotations: { ...options.annotations, ...spec.annotations },
    },
    spec: {
      // Bound to the node here, not by the scheduler: faster, and a full or cordoned node can be debugged too.
      nodeName: spec.node,
      tolerations: [{ operator: 'Exists' }],
      hostNetwork: true,
      hostPID: spec.host.pid,
      dnsPolicy: 'Default',
      restartPolicy: 'Never',
      activeDeadlineSeconds: spec.startTimeout + (session?.maxSeconds ?? stay?.life ?? spec.deadline) + podGraceSeconds,
      terminationGracePeriodSeconds: 3,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      os: { name: 'linux' },
      ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
      ...defined({ priorityClassName }),
      containers: [
        {
          name: debugContainerName,
          ...commonParts(runId, spec, options),
          ...defined({ resources }),
          ...(volumeMounts.length === 0 ? {} : { volumeMounts }),
        },
      ],
      ...(volumes.length === 0 ? {} : { volumes }),
    },
  }
}

/** Returns the volumes and mounts with which a container sees its node's file system, except the masked folders. */
export function hostFilesystem(
  filesystem: HostAccess['filesystem'],
  masked: readonly string[],
): { volumes: V1Volume[]; volumeMounts: V1VolumeMount[] } {
  if (filesystem === 'none') return { volumes: [], volumeMounts: [] }
  const root = { name: 'host', hostPath: { path: '/', type: 'Directory' } }
  const empty = { name: 'nothing', emptyDir: { sizeLimit: '4Ki' } }
  return {
    volumes: [root, ...(masked.length === 0 ? [] : [empty])],
    volumeMounts: [hostVolumeMount(filesystem === 'read-only'), ...masked.map(mask)],
  }
}

function hostVolumeMount(readOnly: boolean): V1VolumeMount {
  // "readOnly" alone leaves mounts below the root writable.
  return readOnly
    ? { name: 'host', mountPath: hostMount, readOnly, recursiveReadOnly: 'Enabled' }
    : { name: 'host', mountPath: hostMount }
}

// A folder that isn't on the node can't be masked, so that the pod doesn't start: safer than a missing mask.
function mask(path: string): V1VolumeMount {
  return { name: 'nothing', mountPath: `${hostMount}${path}`, readOnly: true }
}

/**
 * Returns the ephemeral container that runs in a pod's network namespace. It can't be removed from the pod afterwards.
 */
export function debugContainer(runId: string, spec: DebugSpec, options: ContainerOptions): V1EphemeralContainer {
  const container = spec.target.kind === 'pod' ? spec.target.container : undefined
  return {
    name: podName(runId),
    ...commonParts(runId, spec, options),
    ...defined({ targetContainerName: container }),
  }
}

function commonParts(runId: string, spec: DebugSpec, { pullPolicy, userId, stay, session }: ContainerOptions) {
  return {
    image: runtimeImage(spec.image),
    imagePullPolicy: pullPolicy,
    command: session === undefined ? runnerCommand(runId, spec, stay) : holdCommand(runId, session.maxSeconds),
    env: containerEnvironment,
    securityContext: securityContext(spec, userId),
  }
}

/** Returns a security context that meets PodSecurity `restricted` for a request without needs. */
function securityContext(spec: DebugSpec, userId: number): V1SecurityContext {
  const root = spec.user === 'root'
  const strong = spec.capabilities.some((each) => each === 'ALL' || each === 'SYS_ADMIN')
  return {
    // The API server refuses these capabilities together with `allowPrivilegeEscalation: false`.
    allowPrivilegeEscalation: strong,
    capabilities: {
      drop: ['ALL'],
      ...(spec.capabilities.length === 0 ? {} : { add: [...spec.capabilities] }),
    },
    runAsUser: root ? 0 : userId,
    runAsGroup: root ? 0 : userId,
    runAsNonRoot: !root,
    seccompProfile: { type: spec.confinement.seccomp === 'unconfined' ? 'Unconfined' : 'RuntimeDefault' },
    ...(spec.confinement.apparmor === 'unconfined' ? { appArmorProfile: { type: 'Unconfined' } } : {}),
  }
}
