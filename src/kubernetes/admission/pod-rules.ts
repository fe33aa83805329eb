import { installationLabel, managedBy, runLabel } from '#core/runs/debug-spec'
import { containerSeconds } from '#core/terminal/terminal-session'
import { debugContainerName, podName } from '#src/kubernetes/workload/pod-spec'
import type { AdmissionScope } from './admission-scope.ts'
import { forEachContainer, list, onlyFields, text, type Validation } from './cel.ts'
import { containerFields, containerRules, resourceRule } from './container-rules.ts'
import { maxSessionOf } from './runner-command-rules.ts'
import { filesystemCondition, oneSetRule } from './set-rules.ts'

/** CEL variables of the rules for debug pods. */
export const podVariables = [
  { name: 'volumes', expression: 'object.spec.?volumes.orValue([])' },
  { name: 'mounts', expression: 'object.spec.containers[0].?volumeMounts.orValue([])' },
]

/** Seconds for which a pod may outlive its deadline: `--timeout` (at most an hour), and the pod's own grace period. */
const startAndGraceSeconds = 3_600 + 30

/** Fields of a debug pod's specification, with those that the API server and its plugins fill in. */
const podFields = [
  ...['nodeName', 'tolerations', 'hostNetwork', 'hostPID', 'dnsPolicy', 'os', 'containers', 'volumes'],
  ...['restartPolicy', 'activeDeadlineSeconds', 'terminationGracePeriodSeconds'],
  ...['automountServiceAccountToken', 'serviceAccountName', 'serviceAccount', 'enableServiceLinks'],
  ...['schedulerName', 'securityContext', 'imagePullSecrets', 'priorityClassName', 'priority', 'preemptionPolicy'],
]

const metadataFields = [
  ...['name', 'namespace', 'labels', 'annotations'],
  ...['uid', 'creationTimestamp', 'generation', 'managedFields'],
]

const personKey = 'retina-chatops.io/person'
const nameLabel = 'app.kubernetes.io/name'
const managerLabel = 'app.kubernetes.io/managed-by'
const labelKeys = [managerLabel, nameLabel, runLabel, personKey, installationLabel]

/** Annotations of the program, and those with which admission plugins only tell what they did. */
const annotationKeys = [
  ...[personKey, 'retina-chatops.io/target', 'retina-chatops.io/asked-at'],
  ...['kubernetes.io/limit-ranger', 'openshift.io/scc', 'security.openshift.io/validated-scc-subject-type'],
]

/** Id of the run whose debug pod proves that an account is held to the policy: see `provePolicy`. */
export const proofRunId = 'policyproofs'

/** Message of the refusal that proves it. */
export const accountProof = 'this account is held to the admission policy'

/** Returns the rules for debug pods of nodes: all that they may have, so that anything else is refused. */
export function podRules(scope: AdmissionScope): Validation[] {
  return [
    {
      // Comes first, because the API server returns only the first refusal.
      expression: `object.metadata.?name.orValue('') != ${text(podName(proofRunId))} || !(request.userInfo.?username.orValue('') in ${list(scope.accounts)})`,
      message: accountProof,
    },
    ...identityRules(scope),
    ...lifetimeRules(scope),
    ...accountRules(scope),
    ...hostRules(scope),
    ...forEachContainer('object.spec.containers', [...containerRules(scope), resourceRule(scope.containers.resources)]),
    {
      expression: `'retina-' + object.spec.containers[0].command[2] == object.metadata.name`,
      message: 'a container with the id of another run',
    },
    ...exactRules(),
    ...forEachContainer('object.spec.containers', [oneSetRule(scope, true)]),
  ]
}

function identityRules({ namespace, containers }: AdmissionScope): Validation[] {
  const labels = 'object.metadata.?labels'
  const own = { labels: containers.labels ?? {}, annotations: containers.annotations ?? {} }
  return [
    {
      expression: `request.namespace == ${text(namespace)}`,
      message: `debug pods may be created only in ${namespace}`,
    },
    {
      expression: [
        `${labels}[${text(managerLabel)}].orValue('') == ${text(managedBy)}`,
        `${labels}[${text(nameLabel)}].orValue('retina-shell') == 'retina-shell'`,
        `object.metadata.name == 'retina-' + ${labels}[${text(runLabel)}].orValue('?')`,
        `${labels}.orValue({}).all(k, k in ${list([...labelKeys, ...Object.keys(own.labels)])})`,
        ...exactEntries('labels', own.labels),
      ].join(' && '),
      message: 'a pod without the name of its run, its labels and those of shell.labels, or with others',
    },
    {
      expression: [
        `object.metadata.?annotations.orValue({}).all(k, k in ${list([...annotationKeys, ...Object.keys(own.annotations)])})`,
        ...exactEntries('annotations', own.annotations),
      ].join(' && '),
      message: 'annotations other than those of runs and of shell.annotations',
    },
    onlyFields('object.metadata', metadataFields, 'metadata of a debug pod'),
    {
      expression: `object.spec.containers.size() == 1 && object.spec.containers[0].name == ${text(debugContainerName)} && object.spec.?initContainers.orValue([]).size() == 0 && object.spec.?ephemeralContainers.orValue([]).size() == 0`,
      message: `more than one container, or one not named ${debugContainerName}`,
    },
  ]
}

/** Returns conditions that the metadata of a pod has these entries. */
function exactEntries(map: 'labels' | 'annotations', entries: Readonly<Record<string, string>>): string[] {
  return Object.entries(entries).map(
    ([key, value]) =>
      `${text(key)} in object.metadata.?${map}.orValue({}) && object.metadata.${map}[${text(key)}] == ${text(value)}`,
  )
}

function lifetimeRules({ policy, stays }: AdmissionScope): Validation[] {
  const maxDeadline = Math.max(0, ...policy.sets.map((set) => set.maxDeadline))
  const maxLifetimeSeconds =
    startAndGraceSeconds + Math.max(maxDeadline + (stays?.life ?? 0), containerSeconds(maxSessionOf(policy.sets)))
  return [
    { expression: `object.spec.?restartPolicy.orValue('Always') == 'Never'`, message: 'a pod that restarts' },
    {
      expression: `object.spec.?activeDeadlineSeconds.orValue(0) > 0 && object.spec.activeDeadlineSeconds <= ${maxLifetimeSeconds}`,
      message: `a pod without a deadline, or with one of more than ${maxLifetimeSeconds} s`,
    },
    {
      expression: `object.spec.?terminationGracePeriodSeconds.orValue(30) <= 3`,
      message: 'a pod that takes longer than 3 s to end',
    },
  ]
}

function accountRules({ containers }: AdmissionScope): Validation[] {
  const { imagePullSecrets = [], priorityClassName } = containers
  const priority =
    priorityClassName === undefined
      ? `!has(object.spec.priorityClassName) && object.spec.?priority.orValue(0) <= 0`
      : `object.spec.?priorityClassName.orValue('') == ${text(priorityClassName)}`
  return [
    {
      expression: `object.spec.?automountServiceAccountToken.orValue(true) == false`,
      message: "a service account's token",
    },
    {
      expression: `object.spec.?serviceAccountName.orValue('default') in ['', 'default'] && object.spec.?serviceAccount.orValue('default') in ['', 'default']`,
      message: 'a service account',
    },
    {
      expression: `object.spec.?imagePullSecrets.orValue([]).all(s, s.name in ${list(imagePullSecrets)})`,
      message: 'a pull secret that shell.imagePullSecrets does not name',
    },
    { expression: priority, message: 'a priority class other than shell.priorityClassName' },
  ]
}

function hostRules({ policy: { sets }, masked }: AdmissionScope): Validation[] {
  const filesystems = sets.map(({ host }) => host.filesystem)
  const isWritable = filesystems.includes('read-write')
  const isReadable = isWritable || filesystems.includes('read-only')
  const access = isWritable ? 'read-write' : isReadable ? 'read-only' : 'none'
  const masks = masked.map(
    (folder) => `variables.mounts.exists(m, m.name == 'nothing' && m.mountPath == ${text(`/host${folder}`)})`,
  )
  const isHidden = `variables.mounts.exists(m, m.name == 'host' && !m.?readOnly.orValue(false)) || (${masks.join(' && ')})`
  return [
    { expression: `!object.spec.?hostIPC.orValue(false)`, message: "the host's IPC" },
    ...(sets.some(({ host }) => host.pid)
      ? []
      : [{ expression: `!object.spec.?hostPID.orValue(false)`, message: "the host's processes" }]),
    {
      expression: `variables.volumes.all(v, (has(v.hostPath) && v.name == 'host' && v.hostPath.path == '/') || (has(v.emptyDir) && v.name == 'nothing'))`,
      message: "a volume that is not the node's root",
    },
    ...(isReadable
      ? []
      : [{ expression: `!variables.volumes.exists(v, has(v.hostPath))`, message: "the node's disk" }]),
    ...(isWritable
      ? []
      : [
          {
            expression: `variables.mounts.all(m, m.?readOnly.orValue(false))`,
            message: "a writable mount of the node's disk",
          },
        ]),
    {
      expression: `variables.mounts.all(m, m.name != 'host' || !m.?readOnly.orValue(false) || m.?recursiveReadOnly.orValue('') == 'Enabled')`,
      message: 'a read-only mount whose submounts are writable',
    },
    ...(masks.length === 0
      ? []
      : [
          {
            expression: `!variables.volumes.exists(v, has(v.hostPath)) || ${isHidden}`,
            message: "a read-only mount that exposes the runtime's sockets",
          },
        ]),
    {
      expression: filesystemCondition(access, masked),
      message: "volumes or mounts other than the node's root at /host",
    },
  ]
}

/** Returns the rules for fields that have one value, and that there are no others. */
function exactRules(): Validation[] {
  return [
    {
      expression: [
        `object.spec.?nodeName.orValue('') != ''`,
        `object.spec.?tolerations.orValue([]) == [{'operator': 'Exists'}]`,
        `object.spec.?schedulerName.orValue('default-scheduler') == 'default-scheduler'`,
      ].join(' && '),
      message: 'a pod that is not bound to its node as debug pods are',
    },
    {
      expression: `object.spec.?hostNetwork.orValue(false) && object.spec.?dnsPolicy.orValue('') == 'Default' && object.spec.?enableServiceLinks.orValue(true) == false`,
      message: "a pod that is not in its node's network as debug pods are",
    },
    { expression: `object.spec.?os.orValue({}) == {'name': 'linux'}`, message: 'a pod of another operating system' },
    {
      expression: `dyn(object.spec.?securityContext.orValue({})).size() == 0`,
      message: 'a security context of the pod',
    },
    onlyFields('object.spec', podFields, 'a debug pod'),
    onlyFields('object.spec.containers[0]', [...containerFields, 'volumeMounts'], 'the container of a debug pod'),
  ]
}
