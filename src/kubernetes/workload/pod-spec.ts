import type { V1EphemeralContainer, V1Pod, V1SecurityContext } from '@kubernetes/client-node'
import { runtimeImage } from '#core/request/image'
import type { DebugSpec } from '#core/runs/debug-spec'
import type { SessionLifetime } from '#core/sessions/session'

export type PullPolicy = 'Always' | 'IfNotPresent' | 'Never'

/** Name of a run's debug pod, and of its ephemeral container. */
export function podName(runId: string): string {
  return `retina-${runId}`
}

/** Name of the container in a debug pod. */
export const debugContainerName = 'shell'

/** Seconds that a pod lives beyond all of its own limits before the cluster ends it, whatever became of the bot. */
const podGrace = 30

/** Where the node's file system is seen. */
const hostMount = '/host'

/** The image's own user: no file of the image or of a node belongs to it. */
const nonroot = 65_532

/** Where the runner is in the image. */
export const runnerPath = '/usr/local/bin/retina-run'

/** Seconds that a container stays beyond its session, so that no run is sent into one that is about to end. */
const keeperGrace = 60

/** Argv of a container: the runner, and after `--` only words of the request, counted so that none has a meaning to it. */
export function runnerCommand(runId: string, spec: DebugSpec, stay?: SessionLifetime): string[] {
  const keep = stay === undefined ? [] : ['--keep', String(stay.idle + keeperGrace), '--life', String(stay.life)]
  return commandOf(runId, spec, keep)
}

/** Argv that begins a run in a container that stands, once, however often it is run, and follows it. */
export function spoolCommand(runId: string, spec: DebugSpec): string[] {
  return commandOf(runId, spec, ['--spool'])
}

/**
 * Argv that waits in a container for the words of a `spoolCommand`, without its first, as a JSON list on a line of its standard input. Refuses a
 * longer deadline, in seconds: what the API server sees, and judges, holds for what comes.
 */
export function execPoolCommand(deadline: number): string[] {
  return [runnerPath, '--standby', String(deadline)]
}

function commandOf(runId: string, spec: DebugSpec, how: readonly string[]): string[] {
  return [
    ...[runnerPath, '--run', runId],
    ...['--deadline', String(spec.deadline), '--max-bytes', String(spec.maxOutputBytes), ...how],
    ...['--words', spec.pipeline.map((argv) => argv.length).join(',')],
    ...['--', ...spec.pipeline.flat()],
  ]
}

/** The debug pod of a node: on that node whatever its taints, in its network namespace, with nothing that wasn't asked for. */
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
      activeDeadlineSeconds: spec.startTimeout + (stay?.life ?? spec.deadline) + podGrace,
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
      ...(mounted ? { volumes: [{ name: 'host', hostPath: { path: '/', type: 'Directory' } }, ...nothing(spec)] } : {}),
    },
  }
}

function hostVolumeMount(readOnly: boolean) {
  // "readOnly" alone leaves what is mounted below the root writable.
  return readOnly
    ? { name: 'host', mountPath: hostMount, readOnly, recursiveReadOnly: 'Enabled' }
    : { name: 'host', mountPath: hostMount }
}

// A folder that isn't on the node can't be masked, and then the pod doesn't start: better than a mask that isn't there.
function mask(path: string) {
  return { name: 'nothing', mountPath: `${hostMount}${path}`, readOnly: true }
}

function nothing(spec: DebugSpec) {
  return spec.masked.length === 0 ? [] : [{ name: 'nothing', emptyDir: { sizeLimit: '4Ki' } }]
}

/** The ephemeral container that runs in a pod's network namespace. It can't be removed from the pod afterwards. */
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

/** What a request without needs gets meets PodSecurity `restricted`. */
function securityContext(spec: DebugSpec): V1SecurityContext {
  const root = spec.user === 'root'
  const strong = spec.capabilities.some((each) => each === 'ALL' || each === 'SYS_ADMIN')
  return {
    // The API server refuses the combination of these capabilities with "no escalation".
    allowPrivilegeEscalation: strong,
    capabilities: {
      drop: ['ALL'],
      ...(spec.capabilities.length === 0 ? {} : { add: [...spec.capabilities] }),
    },
    runAsUser: root ? 0 : nonroot,
    runAsGroup: root ? 0 : nonroot,
    runAsNonRoot: !root,
    seccompProfile: { type: spec.confinement.seccomp === 'unconfined' ? 'Unconfined' : 'RuntimeDefault' },
    ...(spec.confinement.apparmor === 'unconfined' ? { appArmorProfile: { type: 'Unconfined' } } : {}),
  }
}
