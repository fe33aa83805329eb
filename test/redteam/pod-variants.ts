import type { JsonChange } from './json-pointer.ts'
import type { Kind } from './legitimate.ts'

/**
 * One deviation from an object that the program makes. `of`: the kind of object, `plain` where left out. `alsoServer`: the API server may refuse
 * it for a reason of its own, before any policy is asked.
 */
export type Deviation = JsonChange & {
  what: string
  of?: Kind
  source: string
  alsoServer?: true
  /** Text that the API server may leave out of the object, in place of a refusal. */
  dropped?: string
}

const api = 'Kubernetes, "Pod v1 core"'
const pss = 'Kubernetes, "Pod Security Standards"'
const own = 'own'
const seen = 'seen to be accepted'

const metadata: readonly Deviation[] = [
  { what: 'no labels', at: '/metadata/labels', source: own },
  { what: 'another name', at: '/metadata/name', be: 'coredns-1', source: own },
  { what: 'the label of another run', at: '/metadata/labels/retina-chatops.io~1run', be: 'otherrunothe', source: own },
  { what: 'another manager', at: '/metadata/labels/app.kubernetes.io~1managed-by', be: 'Helm', source: own },
  { what: 'a label that a service selects', at: '/metadata/labels/app', be: 'payments', source: own },
  { what: 'a label of a cluster service', at: '/metadata/labels/k8s-app', be: 'kube-dns', source: own },
  { what: 'another app’s name', at: '/metadata/labels/app.kubernetes.io~1name', be: 'payments', source: own },
  {
    what: 'a second network',
    at: '/metadata/annotations/k8s.v1.cni.cncf.io~1networks',
    be: 'kube-system/host-device',
    source: 'Multus, NetworkAttachmentDefinition',
  },
  {
    what: 'AppArmor off by annotation',
    at: '/metadata/annotations/container.apparmor.security.beta.kubernetes.io~1shell',
    be: 'unconfined',
    source: pss,
  },
  {
    what: 'a traffic limit',
    at: '/metadata/annotations/kubernetes.io~1ingress-bandwidth',
    be: '1k',
    source: 'CNI bandwidth plugin',
  },
  {
    what: 'a required OpenShift SCC',
    at: '/metadata/annotations/openshift.io~1required-scc',
    be: 'privileged',
    source: 'OpenShift, "Managing SCCs"',
  },
  {
    what: 'a devices annotation',
    at: '/metadata/annotations/cdi.k8s.io~1x',
    be: 'vendor.com/device=all',
    source: 'CDI specification',
  },
  { what: 'an annotation of its own', at: '/metadata/annotations/x', be: 'y', source: own },
  { what: 'a finalizer', at: '/metadata/finalizers', be: ['example.com/never'], source: api },
  {
    what: 'an owner',
    at: '/metadata/ownerReferences',
    be: [{ apiVersion: 'v1', kind: 'Node', name: 'node001', uid: '00000000-0000-4000-8000-000000000001' }],
    source: 'Kubernetes, "Garbage Collection"',
  },
]

const places: readonly Deviation[] = [
  { what: 'the host’s IPC', at: '/spec/hostIPC', be: true, source: pss },
  { what: 'the pod network in place of the host’s', at: '/spec/hostNetwork', be: false, source: own },
  { what: 'an explicit user namespace', at: '/spec/hostUsers', be: true, source: api },
  { what: 'shared processes', at: '/spec/shareProcessNamespace', be: true, source: api },
  { what: 'a host name', at: '/spec/hostname', be: 'payments-0', source: api },
  { what: 'a subdomain', at: '/spec/subdomain', be: 'payments', source: api },
  { what: 'a host name as FQDN', at: '/spec/setHostnameAsFQDN', be: true, source: api },
  {
    what: 'host aliases',
    at: '/spec/hostAliases',
    be: [{ ip: '10.0.0.9', hostnames: ['registry.example.com'] }],
    source: api,
  },
  { what: 'another DNS policy', at: '/spec/dnsPolicy', be: 'ClusterFirstWithHostNet', source: api },
  { what: 'a resolver of its own', at: '/spec/dnsConfig', be: { nameservers: ['203.0.113.9'] }, source: api },
  { what: 'a node selector', at: '/spec/nodeSelector', be: { pool: 'control-plane' }, source: api },
  {
    what: 'an affinity',
    at: '/spec/affinity',
    be: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: 'pool', operator: 'Exists' }] }],
        },
      },
    },
    source: api,
  },
  { what: 'no node', at: '/spec/nodeName', source: own },
  { what: 'another scheduler', at: '/spec/schedulerName', be: 'evil-scheduler', source: api },
  { what: 'no tolerations', at: '/spec/tolerations', source: own },
  {
    what: 'a toleration more',
    at: '/spec/tolerations/-',
    be: { key: 'x', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 1 },
    source: api,
  },
  {
    what: 'topology spread',
    at: '/spec/topologySpreadConstraints',
    be: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule' }],
    source: api,
  },
  { what: 'a critical priority', at: '/spec/priorityClassName', be: 'system-node-critical', source: seen },
  {
    what: 'the other critical priority',
    at: '/spec/priorityClassName',
    be: 'system-cluster-critical',
    source: 'Kubernetes, "Pod Priority and Preemption"',
  },
  { what: 'a priority', at: '/spec/priority', be: 1_000_000, source: api, alsoServer: true },
  { what: 'an overhead', at: '/spec/overhead', be: { memory: '1Gi' }, source: api, alsoServer: true },
  { what: 'a runtime class', at: '/spec/runtimeClassName', be: 'nvidia', source: api, alsoServer: true },
  { what: 'readiness gates', at: '/spec/readinessGates', be: [{ conditionType: 'example.com/ready' }], source: api },
  {
    what: 'scheduling gates',
    at: '/spec/schedulingGates',
    be: [{ name: 'example.com/gate' }],
    source: api,
    alsoServer: true,
  },
  {
    what: 'a resource claim',
    at: '/spec/resourceClaims',
    be: [{ name: 'gpu', resourceClaimName: 'gpu' }],
    source: 'Kubernetes, "Dynamic Resource Allocation"',
  },
  {
    what: 'resources of the pod',
    at: '/spec/resources',
    be: { requests: { memory: '1Ti' } },
    source: api,
    alsoServer: true,
  },
  { what: 'service links', at: '/spec/enableServiceLinks', be: true, source: api },
  { what: 'the default of service links', at: '/spec/enableServiceLinks', source: api },
  { what: 'Windows', at: '/spec/os', be: { name: 'windows' }, source: api, alsoServer: true },
  { what: 'no operating system', at: '/spec/os', source: own },
]

const lifetimes: readonly Deviation[] = [
  { what: 'a restart', at: '/spec/restartPolicy', be: 'Always', source: own },
  { what: 'a restart on failure', at: '/spec/restartPolicy', be: 'OnFailure', source: own },
  { what: 'no deadline', at: '/spec/activeDeadlineSeconds', source: own },
  { what: 'a deadline a day away', at: '/spec/activeDeadlineSeconds', be: 86_400, source: own },
  { what: 'a day to end', at: '/spec/terminationGracePeriodSeconds', be: 86_400, source: own },
  { what: 'half a minute to end', at: '/spec/terminationGracePeriodSeconds', source: own },
]

const accounts: readonly Deviation[] = [
  { what: 'an account’s token', at: '/spec/automountServiceAccountToken', be: true, source: own },
  { what: 'the default of the token', at: '/spec/automountServiceAccountToken', source: own },
  { what: 'another account', at: '/spec/serviceAccountName', be: 'privileged', source: own, alsoServer: true },
  {
    what: 'another account by its old name',
    at: '/spec/serviceAccount',
    be: 'privileged',
    source: api,
    alsoServer: true,
  },
  { what: 'a pull secret', at: '/spec/imagePullSecrets', be: [{ name: 'registry-admin' }], source: api },
]

const podContext: readonly Deviation[] = [
  { what: 'a group of volumes', at: '/spec/securityContext/fsGroup', be: 0, source: api },
  { what: 'further groups', at: '/spec/securityContext/supplementalGroups', be: [0, 6, 999], source: api },
  {
    what: 'a sysctl',
    at: '/spec/securityContext/sysctls',
    be: [{ name: 'kernel.shm_rmid_forced', value: '1' }],
    source: pss,
  },
  { what: 'a user of the pod', at: '/spec/securityContext/runAsUser', be: 0, source: api },
  {
    what: 'AppArmor off for the pod',
    at: '/spec/securityContext/appArmorProfile',
    be: { type: 'Unconfined' },
    source: seen,
  },
  {
    what: 'seccomp off for the pod',
    at: '/spec/securityContext/seccompProfile',
    be: { type: 'Unconfined' },
    source: pss,
  },
  { what: 'SELinux of the pod', at: '/spec/securityContext/seLinuxOptions', be: { type: 'spc_t' }, source: pss },
  {
    what: 'Windows’ host process',
    at: '/spec/securityContext/windowsOptions',
    be: { hostProcess: true },
    source: pss,
    alsoServer: true,
  },
  { what: 'a policy of groups', at: '/spec/securityContext/supplementalGroupsPolicy', be: 'Merge', source: api },
  {
    what: 'a policy of the volumes’ group',
    at: '/spec/securityContext/fsGroupChangePolicy',
    be: 'Always',
    source: api,
  },
]

/** Debug pods of nodes with one deviation each outside of containers and volumes: none is to be accepted. */
export const podVariants: readonly Deviation[] = [...metadata, ...places, ...lifetimes, ...accounts, ...podContext]
