import { type Needs, noNeeds } from '#core/request/tool'

export const bpfNeeds: Needs = {
  ...noNeeds,
  // Reading programs and maps by their ids is SYS_ADMIN's; loading and tracing are BPF's and PERFMON's. Source: capabilities(7).
  capabilities: ['BPF', 'NET_ADMIN', 'PERFMON', 'SYS_ADMIN'],
  host: { filesystem: 'none', pid: false },
  user: 'root',
}

export const noBpf = {
  pattern: "can't get next (program|map|link)|Operation not permitted|not supported|No BTF found|vmlinux",
  hint: 'It needs the capabilities BPF, PERFMON and SYS_ADMIN, and a kernel with BTF (/sys/kernel/btf/vmlinux).',
}
