/** Versions of the development cluster's components; those of Go modules are also in the go.mod files. */
export const versions = {
  kubernetes: 'v1.37.2',
  containerd: 'v2.4.2',
  runc: 'v1.5.2',
  coredns: 'v1.15.0',
  debian: 'bookworm',
}

/** Debian packages of the machine that builds and runs the cluster. */
export const machinePackages = [
  'systemd-container',
  'mmdebstrap',
  'iproute2',
  'openssl',
  'libseccomp-dev',
  'pkg-config',
  'gcc',
  'libc6-dev',
]

/** Debian packages of a node. */
export const nodePackages = [
  ...['systemd', 'systemd-sysv', 'dbus', 'udev', 'util-linux', 'mount', 'procps', 'kmod', 'ca-certificates'],
  ...['iproute2', 'iptables', 'nftables', 'conntrack', 'ipset', 'ethtool', 'socat', 'libseccomp2', 'less'],
  'containernetworking-plugins',
]

/** Bridge that connects the machine and the nodes. */
export const bridge = 'br-nodes'
export const machineAddress = '10.10.0.1'
/** Port of the image registry on that address, where a test starts one. */
export const registryPort = 5_000
export const apiServer = `https://${machineAddress}:6443`

export type NodeName = 'node001' | 'node002'
export const nodes: readonly { name: NodeName; address: string; podRange: string; gateway: string }[] = [
  { name: 'node001', address: '10.10.0.11', podRange: '10.244.1.0/24', gateway: '10.244.1.1' },
  { name: 'node002', address: '10.10.0.12', podRange: '10.244.2.0/24', gateway: '10.244.2.1' },
]
/** Longest wait for one step of the cluster's start: some ten times what a fast machine needs. */
export const startSeconds = 120
export const serviceRange = '10.96.0.0/16'
export const dnsService = '10.96.0.10'
