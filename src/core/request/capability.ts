/** Linux capabilities as named in Kubernetes, without the prefix CAP_. Source: capabilities(7), kernel 6.x. */
const capabilities = [
  'AUDIT_CONTROL',
  'AUDIT_READ',
  'AUDIT_WRITE',
  'BLOCK_SUSPEND',
  'BPF',
  'CHECKPOINT_RESTORE',
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'IPC_LOCK',
  'IPC_OWNER',
  'KILL',
  'LEASE',
  'LINUX_IMMUTABLE',
  'MAC_ADMIN',
  'MAC_OVERRIDE',
  'MKNOD',
  'NET_ADMIN',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_RAW',
  'PERFMON',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYSLOG',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_CHROOT',
  'SYS_MODULE',
  'SYS_NICE',
  'SYS_PACCT',
  'SYS_PTRACE',
  'SYS_RAWIO',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'WAKE_ALARM',
] as const

/**
 * Linux capability. `ALL` is what Kubernetes accepts for all capabilities; a policy has to grant `ALL` by that name.
 */
export type Capability = (typeof capabilities)[number] | 'ALL'

export const capabilityNames: readonly Capability[] = [...capabilities, 'ALL']

/** Parses a capability as people write it (`net_admin`, `CAP_NET_ADMIN`); returns undefined for an unknown name. */
export function toCapability(word: string): Capability | undefined {
  const name = word.trim().toUpperCase().replace(/^CAP_/, '')
  return capabilityNames.find((each) => each === name)
}

/**
 * Returns the capabilities that `given` doesn't cover. SYS_ADMIN is almost equal to root, and ALL is root: each has to be given by its own name.
 */
export function capabilitiesBeyond(asked: readonly Capability[], given: readonly Capability[]): readonly Capability[] {
  const has = (name: Capability) => given.some((each) => each === name || (each === 'ALL' && name !== 'SYS_ADMIN'))
  return asked.filter((each) => !has(each))
}
