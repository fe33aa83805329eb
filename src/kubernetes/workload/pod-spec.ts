import type { V1EphemeralContainer, V1Pod, V1SecurityContext } from '@kubernetes/client-node'
import { runtimeImage } from '#core/request/image'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { SessionLifetime } from '#core/sessions/session'

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never'

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

/** User and group id of the image's own user, to which no file of the image or of a node belongs. */
const nonrootId = 65_532

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
 */
export function spoolCommand(runId: string, spec: DebugSpec): string[] {
  return buildCommand(runId, spec, ['--spool'])
}

/**
 * Returns the argv that waits in a container for the arguments of a `spoolCommand`, without its first, as a JSON list
 * on a line of its standard input. The runner refuses one with a longer deadline (seconds), so that the limit that the
 * API server has seen and authorized applies to the run.
 */
export function execPoolCommand(deadline: number): string[] {
  return [runnerPath, '--standby', String(deadline)]
}

function buildCommand(runId: string, spec: DebugSpec, modeFlags: readonly string[]): string[] {
  return [
    ...[runnerPath, '--run', runId],
    ...['--deadline', String(spec.deadline), '--max-bytes', String(spec.maxOutputBytes), ...modeFlags],
    ...['--words', spec.pipeline.map((argv) => argv.length).join(',')],
    ...['--', ...spec.pipeline.flat()],
  ]
}

/**
 * Returns the debug pod of a node: on that node whatever its taints, in its network namespace, with nothing that wasn't
 * requested.
 */
export function debugPod(runId: string, spec: DebugSpec, pullPolicy: PullPolicy, stay?: SessionLifetime): V1Pod {
  const mounted = spec.host.filesystem !== 'none'
  const readOnly = spec.host.filesystem === 'read-only'
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: podName(runId),
      namespace: spec.namespace,
      labels: { ...spec.labels },
      annotations: { ...spec.annotations },
    },
    spec: {
      // Bound to the node here, not by the scheduler: faster, and a full or cordoned node can be debugged too.
      nodeName: spec.node,
      tolerations: [{ operator: 'Exists' }],
      hostNetwork: true,
      hostPID: spec.host.pid,
      dnsPolicy: 'Default',
      restartPolicy: 'Never',
      activeDeadlineSeconds: spec.startTimeout + (stay?.life ?? spec.deadline) + podGraceSeconds,
      terminationGracePeriodSeconds: 3,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      os: { name: 'linux' },
      containers: [
        {
          name: debugContainerName,
          image: runtimeImage(spec.image),
          imagePullPolicy: pullPolicy,
          command: runnerCommand(runId, spec, stay),
          securityContext: securityContext(spec),
          ...(mounted ? { volumeMounts: [hostVolumeMount(readOnly), ...spec.masked.map(mask)] } : {}),
        },
      ],
      ...(mounted
        ? { volumes: [{ name: 'host', hostPath: { path: '/', type: 'Directory' } }, ...emptyVolumes(spec)] }
        : {}),
    },
  }
}

function hostVolumeMount(readOnly: boolean) {
  // "readOnly" alone leaves mounts below the root writable.
  return readOnly
    ? { name: 'host', mountPath: hostMount, readOnly, recursiveReadOnly: 'Enabled' }
    : { name: 'host', mountPath: hostMount }
}

// A folder that isn't on the node can't be masked, so that the pod doesn't start: safer than a missing mask.
function mask(path: string) {
  return { name: 'nothing', mountPath: `${hostMount}${path}`, readOnly: true }
}

function emptyVolumes(spec: DebugSpec) {
  return spec.masked.length === 0 ? [] : [{ name: 'nothing', emptyDir: { sizeLimit: '4Ki' } }]
}

/**
 * Returns the ephemeral container that runs in a pod's network namespace. It can't be removed from the pod afterwards.
 */
export function debugContainer(
  runId: string,
  spec: DebugSpec,
  pullPolicy: PullPolicy,
  stay?: SessionLifetime,
): V1EphemeralContainer {
  const container = spec.target.kind === 'pod' ? spec.target.container : undefined
  return {
    name: podName(runId),
    image: runtimeImage(spec.image),
    imagePullPolicy: pullPolicy,
    command: runnerCommand(runId, spec, stay),
    securityContext: securityContext(spec),
    ...(container === undefined ? {} : { targetContainerName: container }),
  }
}

/** Returns a security context that meets PodSecurity `restricted` for a request without needs. */
function securityContext(spec: DebugSpec): V1SecurityContext {
  const root = spec.user === 'root'
  const strong = spec.capabilities.some((each) => each === 'ALL' || each === 'SYS_ADMIN')
  return {
    // The API server refuses these capabilities together with `allowPrivilegeEscalation: false`.
    allowPrivilegeEscalation: strong,
    capabilities: {
      drop: ['ALL'],
      ...(spec.capabilities.length === 0 ? {} : { add: [...spec.capabilities] }),
    },
    runAsUser: root ? 0 : nonrootId,
    runAsGroup: root ? 0 : nonrootId,
    runAsNonRoot: !root,
    seccompProfile: { type: spec.confinement.seccomp === 'unconfined' ? 'Unconfined' : 'RuntimeDefault' },
    ...(spec.confinement.apparmor === 'unconfined' ? { appArmorProfile: { type: 'Unconfined' } } : {}),
  }
}
