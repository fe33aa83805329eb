import { runId } from './legitimate.ts'

/**
 * A request to the API server. `{debug}` in a path: the namespace of debug pods; `{target}`: a namespace whose pods may be debugged, with the pods
 * `web-1` and, not of the program, `other`.
 */
export type ApiRequest = {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  path: string
  body?: object
  type?: string
}

/** A request, and where it comes from. `alsoServer`: the API server may refuse it for a reason of its own. */
export type RequestVariant = ApiRequest & { what: string; source: string; alsoServer?: true }

const own = 'own'
const runner = '/usr/local/bin/retina-run'
const merge = 'application/merge-patch+json'
const strategic = 'application/strategic-merge-patch+json'
const words = (deadline: string, flags: readonly string[] = [], id = runId) => [
  ...[runner, '--run', id, '--deadline', deadline, '--max-bytes', '1000', ...flags],
  ...['--words', '1', '--', 'id'],
]

type Exec = { in?: 'debug' | 'target'; pod?: string; container?: string; with?: readonly string[] }

/** An exec's address; `with`: further parameters. */
function exec(
  command: readonly string[],
  { in: place = 'debug', pod, container, with: flags = ['stdout=true'] }: Exec = {},
) {
  const names = { debug: [`retina-${runId}`, 'shell'], target: ['web-1', `retina-${runId}`] }[place]
  const query = [
    ...command.map((word) => `command=${encodeURIComponent(word)}`),
    `container=${container ?? names[1]}`,
    ...flags,
  ]
  const path = `/api/v1/namespaces/{${place}}/pods/${pod ?? names[0]}/exec?${query.join('&')}`
  return { method: 'POST' as const, path }
}

const stdin = ['stdin=true', 'stdout=true']

/** Execs that the program makes. */
export const legitimateExecs: readonly RequestVariant[] = [
  { what: 'a further run', source: own, ...exec(words('60', ['--spool']), { with: stdin }) },
  { what: 'a further run in a pod', source: own, ...exec(words('60', ['--spool']), { in: 'target', with: stdin }) },
  { what: 'a run that stands ready', source: own, ...exec([runner, '--standby', '60'], { with: stdin }) },
  { what: 'following a run', source: own, ...exec([runner, '--follow', runId]) },
  { what: 'canceling a run', source: own, ...exec([runner, '--cancel', runId]) },
  { what: 'the end of a run in a pod', source: own, ...exec([runner, '--stop', runId], { in: 'target' }) },
]

const execs: readonly RequestVariant[] = [
  { what: 'a shell', source: own, ...exec(['sh']) },
  { what: 'a shell in a pod', source: own, ...exec(['sh'], { in: 'target' }) },
  { what: 'no command', source: own, ...exec([]), alsoServer: true },
  { what: 'a terminal', source: own, ...exec(words('60', ['--spool']), { with: [...stdin, 'tty=true'] }) },
  { what: 'a run without a key', source: own, ...exec(words('60', ['--spool'])) },
  { what: 'an input for a run that is followed', source: own, ...exec([runner, '--follow', runId], { with: stdin }) },
  { what: 'a run without an end', source: own, ...exec(words('86400', ['--spool']), { with: stdin }) },
  { what: 'a run of its own', source: own, ...exec(words('60')) },
  { what: 'a runner that stays', source: own, ...exec(words('60', ['--keep', '9'])) },
  {
    what: 'a flag more',
    source: own,
    ...exec([...words('60', ['--spool']).slice(0, 8), '--keep', '9', ...words('60').slice(-4)], { with: stdin }),
  },
  { what: 'a run id that is none', source: own, ...exec(words('60', ['--spool'], '../../host'), { with: stdin }) },
  { what: 'standing ready without an end', source: own, ...exec([runner, '--standby', '86400'], { with: stdin }) },
  { what: 'standing ready without an input', source: own, ...exec([runner, '--standby', '60']) },
  { what: 'a negative number', source: own, ...exec([runner, '--standby', '-1'], { with: stdin }) },
  { what: 'a word after the last', source: own, ...exec([runner, '--follow', runId, 'x']) },
  { what: 'following what is no run', source: own, ...exec([runner, '--follow', '../../host/etc/shadow']) },
  { what: 'the runner of another path', source: own, ...exec(['/tmp/retina-run', '--follow', runId]) },
  {
    what: 'the container of somebody’s pod',
    source: own,
    ...exec([runner, '--stop', runId], { in: 'target', container: 'web' }),
  },
  {
    what: 'somebody’s container of a like name',
    source: 'own: the agent of Microsoft Retina',
    ...exec([runner, '--stop', runId], { in: 'target', container: 'retina-agent' }),
  },
  {
    what: 'a pod of debug pods’ namespace that is none',
    source: own,
    ...exec([runner, '--stop', runId], { pod: 'other' }),
  },
  { what: 'another container of it', source: own, ...exec([runner, '--stop', runId], { container: 'sidecar' }) },
  {
    what: 'shell in another namespace',
    source: own,
    ...exec([runner, '--stop', runId], { in: 'target', container: 'shell' }),
  },
]

const pod = '/api/v1/namespaces/{target}/pods/web-1'

const pods: readonly RequestVariant[] = [
  { what: 'attach', source: own, method: 'POST', path: `${pod}/attach?container=retina-${runId}&stdin=true` },
  {
    what: 'attach to a debug pod',
    source: own,
    method: 'POST',
    path: `/api/v1/namespaces/{debug}/pods/retina-${runId}/attach?container=shell`,
  },
  { what: 'a forwarded port', source: own, method: 'POST', path: `${pod}/portforward?ports=80` },
  {
    what: 'a forwarded port of a debug pod',
    source: own,
    method: 'POST',
    path: `/api/v1/namespaces/{debug}/pods/retina-${runId}/portforward?ports=80`,
  },
  { what: 'a proxied request', source: own, method: 'GET', path: `${pod}/proxy/` },
  { what: 'a proxied path', source: own, method: 'POST', path: `${pod}/proxy/admin` },
  {
    what: 'another image',
    source: own,
    method: 'PATCH',
    path: pod,
    type: strategic,
    body: { spec: { containers: [{ name: 'web', image: 'evil.example/x:1' }] } },
  },
  {
    what: 'a label',
    source: own,
    method: 'PATCH',
    path: pod,
    type: merge,
    body: { metadata: { labels: { app: 'payments' } } },
  },
  {
    what: 'a deadline',
    source: own,
    method: 'PATCH',
    path: pod,
    type: merge,
    body: { spec: { activeDeadlineSeconds: 1 } },
  },
  {
    what: 'a status',
    source: own,
    method: 'PATCH',
    path: `${pod}/status`,
    type: merge,
    body: { status: { phase: 'Failed' } },
  },
  {
    what: 'a size',
    source: own,
    method: 'PATCH',
    path: `${pod}/resize`,
    type: strategic,
    body: { spec: { containers: [{ name: 'web', resources: { requests: { cpu: '1m' } } }] } },
    alsoServer: true,
  },
  {
    what: 'an eviction',
    source: own,
    method: 'POST',
    path: `${pod}/eviction`,
    body: { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web-1' } },
  },
  {
    what: 'a binding',
    source: own,
    method: 'POST',
    path: `${pod}/binding`,
    body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: 'web-1' }, target: { kind: 'Node', name: 'node002' } },
  },
  { what: 'the deletion of somebody’s pod', source: own, method: 'DELETE', path: pod },
  { what: 'the deletion of all pods', source: own, method: 'DELETE', path: '/api/v1/namespaces/{target}/pods' },
]

const object = (apiVersion: string, kind: string, more: object) => ({
  apiVersion,
  kind,
  metadata: { name: 'redteam' },
  ...more,
})
const template = {
  metadata: { labels: { app: 'x' } },
  spec: { containers: [{ name: 'x', image: 'x:1' }], restartPolicy: 'Never' },
}

const others: readonly RequestVariant[] = [
  {
    what: 'a pod elsewhere',
    source: own,
    method: 'POST',
    path: '/api/v1/namespaces/{target}/pods',
    body: object('v1', 'Pod', { spec: template.spec }),
  },
  {
    what: 'a pod template',
    source: own,
    method: 'POST',
    path: '/api/v1/namespaces/{target}/podtemplates',
    body: object('v1', 'PodTemplate', { template }),
  },
  {
    what: 'a job',
    source: own,
    method: 'POST',
    path: '/apis/batch/v1/namespaces/{target}/jobs',
    body: object('batch/v1', 'Job', { spec: { template } }),
  },
  {
    what: 'a deployment',
    source: own,
    method: 'POST',
    path: '/apis/apps/v1/namespaces/{debug}/deployments',
    body: object('apps/v1', 'Deployment', {
      spec: {
        selector: { matchLabels: { app: 'x' } },
        template: { ...template, spec: { containers: template.spec.containers } },
      },
    }),
  },
  {
    what: 'a secret',
    source: own,
    method: 'POST',
    path: '/api/v1/namespaces/{target}/secrets',
    body: object('v1', 'Secret', {}),
  },
  {
    what: 'a config map',
    source: own,
    method: 'POST',
    path: '/api/v1/namespaces/{debug}/configmaps',
    body: object('v1', 'ConfigMap', {}),
  },
  {
    what: 'an account',
    source: own,
    method: 'POST',
    path: '/api/v1/namespaces/{debug}/serviceaccounts',
    body: object('v1', 'ServiceAccount', {}),
  },
  {
    what: 'a token',
    source: own,
    method: 'POST',
    path: '/api/v1/namespaces/{target}/serviceaccounts/default/token',
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } },
  },
  {
    what: 'a binding of a role',
    source: own,
    method: 'POST',
    path: '/apis/rbac.authorization.k8s.io/v1/namespaces/{target}/rolebindings',
    body: object('rbac.authorization.k8s.io/v1', 'RoleBinding', {
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
    }),
  },
  {
    what: 'a service',
    source: own,
    method: 'POST',
    path: '/api/v1/namespaces/{target}/services',
    body: object('v1', 'Service', { spec: { ports: [{ port: 80 }] } }),
  },
  {
    what: 'an open network',
    source: own,
    method: 'POST',
    path: '/apis/networking.k8s.io/v1/namespaces/{debug}/networkpolicies',
    body: object('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {}, egress: [{}] } }),
  },
  {
    what: 'a lower Pod Security level',
    source: own,
    method: 'PATCH',
    path: '/api/v1/namespaces/{target}',
    type: merge,
    body: { metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } } },
  },
]

const rbac = 'rbac.authorization.k8s.io/v1'
const admin = { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' } }

const ofCluster: readonly RequestVariant[] = [
  {
    what: 'a role of the cluster',
    source: own,
    method: 'POST',
    path: `/apis/${rbac}/clusterroles`,
    body: object(rbac, 'ClusterRole', { rules: [] }),
  },
  {
    what: 'a binding of the cluster’s role',
    source: own,
    method: 'POST',
    path: `/apis/${rbac}/clusterrolebindings`,
    body: object(rbac, 'ClusterRoleBinding', admin),
  },
  { what: 'a namespace', source: own, method: 'POST', path: '/api/v1/namespaces', body: object('v1', 'Namespace', {}) },
  { what: 'a node', source: own, method: 'POST', path: '/api/v1/nodes', body: object('v1', 'Node', {}) },
  {
    what: 'a priority class',
    source: own,
    method: 'POST',
    path: '/apis/scheduling.k8s.io/v1/priorityclasses',
    body: object('scheduling.k8s.io/v1', 'PriorityClass', { value: 9 }),
  },
  {
    what: 'a certificate',
    source: own,
    method: 'POST',
    path: '/apis/certificates.k8s.io/v1/certificatesigningrequests',
    body: object('certificates.k8s.io/v1', 'CertificateSigningRequest', {
      spec: { request: 'eA==', signerName: 'example.com/x', usages: ['client auth'] },
    }),
    alsoServer: true,
  },
  {
    what: 'a node’s kubelet by proxy',
    source: 'Kubernetes, "Kubelet authentication/authorization"',
    method: 'POST',
    path: '/api/v1/nodes/node001/proxy/run/kube-system/x/y?cmd=id',
  },
  { what: 'a node’s kubelet, read by proxy', source: own, method: 'GET', path: '/api/v1/nodes/node001/proxy/pods' },
]

/** Requests that the program makes besides those for pods: questions, which change nothing. */
export const legitimateRequests: readonly RequestVariant[] = [
  {
    what: 'a question for its rights',
    source: own,
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    body: {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes: { verb: 'get', resource: 'nodes' } },
    },
  },
  { what: 'a list of pods', source: own, method: 'GET', path: '/api/v1/namespaces/{target}/pods' },
]

/** Requests that the program never makes, by an account with every right in the cluster: none is to be accepted. */
export const requestVariants: readonly RequestVariant[] = [...execs, ...pods, ...others, ...ofCluster]
