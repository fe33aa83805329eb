import type { Deviation } from './pod-variants.ts'

/** Settings of an owner for debug pods, as text of `shell`. */
export const settingsText = `, imagePullSecrets: [registry], priorityClassName: debug-tools,
  resources: { requests: { cpu: 100m, memory: 64Mi }, limits: { memory: 4Gi } },
  labels: { team: platform, sidecar.istio.io/inject: 'false' },
  annotations: { linkerd.io/inject: disabled, cluster-autoscaler.kubernetes.io/safe-to-evict: 'true' }`

const own = 'own'
const resources = '/spec/containers/0/resources'
const label = (key: string) => `/metadata/labels/${key.replaceAll('/', '~1')}`
const annotation = (key: string) => `/metadata/annotations/${key.replaceAll('/', '~1')}`

/** Deviations from a debug pod that has these settings. `configured`: the same place has a value that only these settings allow. */
export const settingVariants: readonly (Deviation & { configured?: true })[] = [
  { what: 'no label of the owner', at: label('team'), source: own },
  { what: 'another value of the owner’s label', at: label('team'), be: 'payments', source: own, configured: true },
  {
    what: 'an injected sidecar, by label',
    at: label('sidecar.istio.io/inject'),
    be: 'true',
    source: 'Istio, "Resource Labels"',
    configured: true,
  },
  { what: 'a further label', at: label('app'), be: 'payments', source: own },
  {
    what: 'another manager beside the owner’s labels',
    at: label('app.kubernetes.io/managed-by'),
    be: 'Helm',
    source: own,
  },
  { what: 'no annotation of the owner', at: annotation('linkerd.io/inject'), source: own },
  {
    what: 'an injected sidecar, by annotation',
    at: annotation('linkerd.io/inject'),
    be: 'enabled',
    source: 'Linkerd, "Automatic Proxy Injection"',
    configured: true,
  },
  { what: 'an empty annotation', at: annotation('linkerd.io/inject'), be: '', source: own },
  {
    what: 'another annotation’s value',
    at: annotation('cluster-autoscaler.kubernetes.io/safe-to-evict'),
    be: 'false',
    source: own,
    configured: true,
  },
  { what: 'a further annotation', at: annotation('k8s.v1.cni.cncf.io/networks'), be: 'kube-system/host', source: own },
  {
    what: 'AppArmor off beside the owner’s annotations',
    at: annotation('container.apparmor.security.beta.kubernetes.io/shell'),
    be: 'unconfined',
    source: own,
  },
  {
    what: 'another priority class',
    at: '/spec/priorityClassName',
    be: 'system-node-critical',
    source: own,
    configured: true,
  },
  { what: 'no priority class', at: '/spec/priorityClassName', source: own },
  { what: 'a further pull secret', at: '/spec/imagePullSecrets/-', be: { name: 'registry-admin' }, source: own },
  {
    what: 'another pull secret',
    at: '/spec/imagePullSecrets/0/name',
    be: 'registry-admin',
    source: own,
    configured: true,
  },
  { what: 'no resources', at: resources, source: own },
  { what: 'no limit', at: `${resources}/limits`, source: own },
  { what: 'a higher limit', at: `${resources}/limits/memory`, be: '5Gi', source: own, configured: true },
  { what: 'a lower limit', at: `${resources}/limits/memory`, be: '1Gi', source: own },
  { what: 'a higher request', at: `${resources}/requests/cpu`, be: '2', source: own },
  { what: 'no request', at: `${resources}/requests/memory`, source: own },
  {
    what: 'a limit of processor above what a LimitRange may fill in',
    at: `${resources}/limits/cpu`,
    be: '64',
    source: own,
  },
  { what: 'a device', at: `${resources}/limits/nvidia.com~1gpu`, be: '1', source: 'Kubernetes, "Schedule GPUs"' },
  {
    what: 'a claim of a device',
    at: `${resources}/claims`,
    be: [{ name: 'gpu' }],
    source: 'Kubernetes, "Dynamic Resource Allocation"',
  },
]
