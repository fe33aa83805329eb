import type { ClusterFacts } from '#core/clusters/platform-restrictions'

/**
 * API groups, labels and operating systems as clusters of each platform report them, cut to what is read. Sources: outputs of `kubectl get nodes -o yaml` in
 * the documentation and issue trackers of the platforms; names and ids are changed.
 */
const common = ['apps', 'batch', 'networking.k8s.io', 'rbac.authorization.k8s.io', 'admissionregistration.k8s.io']
const linux = { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64' }
const cos = 'Container-Optimized OS from Google'
const autopilotLabels = {
  ...linux,
  'cloud.google.com/gke-nodepool': 'pool-1',
  'cloud.google.com/gke-os-distribution': 'cos',
  'cloud.google.com/gke-container-runtime': 'containerd',
}
const fargateLabels = { ...linux, 'eks.amazonaws.com/compute-type': 'fargate' }
const fargateNode = 'fargate-ip-10-0-3-7.eu-central-1.compute.internal'
const groupNode = {
  name: 'ip-10-0-1-9.eu-central-1.compute.internal',
  labels: { ...linux, 'eks.amazonaws.com/nodegroup': 'main', 'eks.amazonaws.com/capacityType': 'ON_DEMAND' },
  osImage: 'Amazon Linux 2023.6.20250123',
}

export const gkeAutopilot: ClusterFacts = {
  apiGroups: [...common, 'auto.gke.io', 'networking.gke.io', 'nodemanagement.gke.io'],
  nodes: [
    { name: 'gk3-shop-pool-1-0a1b2c3d-x7kq', labels: autopilotLabels, osImage: cos },
    { name: 'gk3-shop-pool-2-4e5f6a7b-m2np', labels: autopilotLabels, osImage: cos },
  ],
}

/** A cluster in Standard mode, in which some workloads run in Autopilot mode. */
export const gkeStandard: ClusterFacts = {
  apiGroups: [...common, 'auto.gke.io', 'networking.gke.io'],
  nodes: [
    { name: 'gke-shop-default-pool-25761d35-p9ds', labels: autopilotLabels, osImage: cos },
    { name: 'gk3-shop-nap-1x2y3z-8b7c6d5e-q4rs', labels: autopilotLabels, osImage: cos },
  ],
}

export const eksWithFargate: ClusterFacts = {
  apiGroups: [...common, 'vpcresources.k8s.aws', 'crd.k8s.amazonaws.com'],
  nodes: [groupNode, { name: fargateNode, labels: fargateLabels, osImage: 'Amazon Linux 2' }],
}

export const eksWithBottlerocket: ClusterFacts = {
  apiGroups: [...common, 'vpcresources.k8s.aws'],
  nodes: [
    {
      ...groupNode,
      name: 'ip-10-0-2-4.eu-central-1.compute.internal',
      osImage: 'Bottlerocket OS 1.26.1 (aws-k8s-1.31)',
    },
    {
      name: 'i-0a1b2c3d4e5f60718',
      labels: { ...linux, 'eks.amazonaws.com/compute-type': 'auto' },
      osImage: 'Bottlerocket (EKS Auto, Standard) 2026.5.7 (aws-k8s-1.36)',
    },
  ],
}

export const talos: ClusterFacts = {
  apiGroups: common,
  nodes: [
    {
      name: 'talos-cp-1',
      labels: { ...linux, 'node-role.kubernetes.io/control-plane': '' },
      osImage: 'Talos (v1.11.2)',
    },
    { name: 'talos-w-1', labels: linux, osImage: 'Talos (v1.11.2)' },
  ],
}

export const openshift: ClusterFacts = {
  apiGroups: [...common, 'config.openshift.io', 'security.openshift.io', 'route.openshift.io'],
  nodes: [
    {
      name: 'ip-10-0-129-8.ec2.internal',
      labels: { ...linux, 'node.openshift.io/os_id': 'rhel' },
      osImage: 'Red Hat Enterprise Linux CoreOS 9.6.20250925-0 (Plow)',
    },
  ],
}

export const aksWithVirtualNode: ClusterFacts = {
  apiGroups: common,
  nodes: [
    {
      name: 'aks-pool1-12345678-vmss000000',
      labels: { ...linux, 'kubernetes.azure.com/os-sku': 'Ubuntu' },
      osImage: 'Ubuntu 24.04.3 LTS',
    },
    { name: 'virtual-node-aci-linux', labels: { ...linux, type: 'virtual-kubelet', alias: 'azure' }, osImage: '' },
  ],
}

export const ordinary: ClusterFacts = {
  apiGroups: common,
  nodes: [
    { name: 'node001', labels: { ...linux, pool: 'web' }, osImage: 'Debian GNU/Linux 12 (bookworm)' },
    { name: 'node002', labels: linux, osImage: 'Ubuntu 24.04.3 LTS' },
    { name: 'flatcar-1', labels: linux, osImage: 'Flatcar Container Linux by Kinvolk 4230.2.1 (Oklo)' },
    groupNode,
  ],
}

/** Refusals of API servers, as people reported them. */
export const refusals = {
  'gke-autopilot':
    'admission webhook "warden-validating.common-webhooks.networking.gke.io" denied the request: GKE Warden rejected the request because it violates one or more constraints.\nViolations details: {"[denied by autogke-disallow-hostnamespaces]":["enabling hostNetwork is not allowed in Autopilot."]}',
  fargate:
    'Pod not supported on Fargate: fields not supported: HostNetwork, invalid SecurityContext fields: Privileged, port contains HostIP or HostPort',
  openshift:
    'pods "retina-abc" is forbidden: unable to validate against any security context constraint: [provider "anyuid": Forbidden: not usable by user or serviceaccount, spec.securityContext.hostNetwork: Invalid value: true: Host network is not allowed to be used]',
}
