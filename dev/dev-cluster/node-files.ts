import { readFileSync } from 'node:fs'
import { kubeconfigText, pkiFile } from './pki.ts'
import { dnsService, machineAddress, type NodeName, nodes, registryPort } from './versions.ts'

const programs = '/opt/dev-cluster'
const etc = '/etc/kubernetes'

/** Returns all files of a node that don't come from Debian packages: path below its root → text. */
export function nodeFiles(name: NodeName): Record<string, string> {
  const certificate = (file: string) => readFileSync(pkiFile(file), 'utf8')
  const paths = { ca: `${etc}/ca.crt`, crt: `${etc}/node.crt`, key: `${etc}/node.key` }
  return {
    'etc/hostname': `${name}\n`,
    'etc/hosts': `127.0.0.1 localhost\n${nodes.map((node) => `${node.address} ${node.name}`).join('\n')}\n`,
    'etc/resolv.conf': `nameserver ${dnsService}\nsearch cluster.local\n`,
    'etc/kubernetes/ca.crt': certificate('ca.crt'),
    'etc/kubernetes/node.crt': certificate(`${name}.crt`),
    'etc/kubernetes/node.key': certificate(`${name}.key`),
    'etc/kubernetes/proxy.crt': certificate('proxy.crt'),
    'etc/kubernetes/proxy.key': certificate('proxy.key'),
    'etc/kubernetes/kubelet.kubeconfig': kubeconfigText(`system:node:${name}`, paths),
    'etc/kubernetes/proxy.kubeconfig': kubeconfigText('system:kube-proxy', {
      ...{ ca: paths.ca, crt: `${etc}/proxy.crt`, key: `${etc}/proxy.key` },
    }),
    'etc/kubernetes/kubelet.yaml': JSON.stringify(kubeletConfig(name), null, 2),
    'etc/kubernetes/proxy.yaml': JSON.stringify(proxyConfig(), null, 2),
    'etc/containerd/config.toml': containerdConfig,
    // By default containerd speaks HTTPS to all registries but those of the loopback address.
    [`etc/containerd/certs.d/${machineAddress}:${registryPort}/hosts.toml`]: `server = 'http://${machineAddress}:${registryPort}'\n`,
    'etc/cni/net.d/10-bridge.conflist': JSON.stringify(cni(name), null, 2),
    'usr/local/sbin/prepare-node': prepareNode(name),
    'etc/systemd/system/prepare-node.service': unit({
      description: 'Control groups, address and mounts that the container runtime needs',
      before: 'containerd.service',
      service: ['Type=oneshot', 'RemainAfterExit=yes', 'ExecStart=/bin/bash /usr/local/sbin/prepare-node'],
    }),
    'etc/systemd/system/containerd.service': unit({
      description: 'Container runtime',
      after: 'prepare-node.service',
      service: [
        `Environment=PATH=${programs}/containerd:${programs}/runc:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
        ...[`ExecStart=${programs}/containerd/containerd`, 'Delegate=yes', 'KillMode=process', 'LimitNOFILE=1048576'],
      ],
    }),
    'etc/systemd/system/kubelet.service': unit({
      description: 'Kubernetes node agent',
      after: 'containerd.service',
      service: [
        `ExecStart=${programs}/kubernetes/kubernetes kubelet --config=${etc}/kubelet.yaml --kubeconfig=${etc}/kubelet.kubeconfig --hostname-override=${name} --node-ip=${addressOf(name)} --v=1`,
      ],
    }),
    'etc/systemd/system/kube-proxy.service': unit({
      description: 'Kubernetes service proxy',
      after: 'prepare-node.service',
      service: [
        `ExecStart=${programs}/kubernetes/kubernetes kube-proxy --config=${etc}/proxy.yaml --hostname-override=${name}`,
      ],
    }),
  }
}

function addressOf(name: NodeName): string {
  return nodes.find((node) => node.name === name)?.address ?? ''
}

function unit(parts: { description: string; after?: string; before?: string; service: readonly string[] }): string {
  const order = [
    ...(parts.after === undefined ? [] : [`After=${parts.after}`, `Requires=prepare-node.service`]),
    ...(parts.before === undefined ? [] : [`Before=${parts.before}`]),
  ]
  const restart = parts.service.includes('Type=oneshot') ? [] : ['Restart=always', 'RestartSec=1']
  return [
    ...['[Unit]', `Description=${parts.description}`, ...order, 'StartLimitIntervalSec=0', ''],
    ...['[Service]', ...parts.service, ...restart, '', '[Install]', 'WantedBy=multi-user.target', ''],
  ].join('\n')
}

/** Script that sets up what a kubelet needs and systemd-nspawn leaves read-only or unconfigured. */
function prepareNode(name: NodeName): string {
  const others = nodes.filter((node) => node.name !== name)
  return `set -eu
# cgroup v1 has no namespaces: each node uses a group with its own name (the kubelet's cgroupRoot).
for controller in /sys/fs/cgroup/*; do
  [ -d "$controller" ] || continue
  # "bind" changes the flag of this mount only: a whole hierarchy that already has groups can't be remounted (EBUSY).
  mount -o remount,bind,rw "$controller"
  mkdir -p "$controller/${name}"
done
if [ -e /sys/fs/cgroup/cpuset/cpuset.cpus ]; then
  cat /sys/fs/cgroup/cpuset/cpuset.cpus > /sys/fs/cgroup/cpuset/${name}/cpuset.cpus
  cat /sys/fs/cgroup/cpuset/cpuset.mems > /sys/fs/cgroup/cpuset/${name}/cpuset.mems
fi
mount -o remount,rw /proc/sys 2>/dev/null || true
mount --make-rshared /
ip address add ${addressOf(name)}/24 dev host0
ip link set host0 up
ip route add default via ${machineAddress}
${others.map((node) => `ip route add ${node.podRange} via ${node.address}`).join('\n')}
sysctl -q -w net.ipv4.ip_forward=1 net.ipv4.ping_group_range='0 2147483647'
`
}

const containerdConfig = `version = 3
root = '/var/lib/containerd'
state = '/run/containerd'
[grpc]
  address = '/run/containerd/containerd.sock'
[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = 'localhost/retina-chatops/pause:dev'
[plugins.'io.containerd.cri.v1.images'.registry]
  config_path = '/etc/containerd/certs.d'
[plugins.'io.containerd.cri.v1.runtime']
  # Without CAP_SYS_RESOURCE, lowering an OOM score fails, and every pod with it.
  restrict_oom_score_adj = true
  enable_unprivileged_icmp = true
  enable_unprivileged_ports = true
  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ['/usr/lib/cni']
    conf_dir = '/etc/cni/net.d'
  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'
    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = false
      BinaryName = '/opt/dev-cluster/runc/runc'
`

function kubeletConfig(name: NodeName): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    // Two kubelets with the same root would kill each other's pods as orphans.
    cgroupRoot: `/${name}`,
    cgroupDriver: 'cgroupfs',
    cgroupsPerQOS: true,
    failCgroupV1: false,
    failSwapOn: false,
    enforceNodeAllocatable: [],
    localStorageCapacityIsolation: false,
    evictionHard: { 'memory.available': '10Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 99,
    imageGCLowThresholdPercent: 98,
    maxPods: 250,
    clusterDNS: [dnsService],
    clusterDomain: 'cluster.local',
    resolvConf: '/etc/resolv.conf',
    tlsCertFile: `${etc}/node.crt`,
    tlsPrivateKeyFile: `${etc}/node.key`,
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${etc}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    protectKernelDefaults: false,
    serializeImagePulls: false,
    // Images that tests load by hand count as present although the same one was pulled from a registry.
    imagePullCredentialsVerificationPolicy: 'NeverVerify',
    shutdownGracePeriod: '0s',
  }
}

function proxyConfig(): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: `${etc}/proxy.kubeconfig` },
    clusterCIDR: '10.244.0.0/16',
    conntrack: { maxPerCore: 0 },
  }
}

function cni(name: NodeName): object {
  const node = nodes.find((each) => each.name === name)
  const ipam = {
    type: 'host-local',
    ranges: [[{ subnet: node?.podRange, gateway: node?.gateway }]],
    routes: [{ dst: '0.0.0.0/0' }],
  }
  return {
    cniVersion: '1.0.0',
    name: 'pods',
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, hairpinMode: true, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  }
}
