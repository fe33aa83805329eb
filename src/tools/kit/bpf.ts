import { type Needs, noNeeds } from '#core/request/tool'

export const bpfNeeds: Needs = {
  ...noNeeds,
  // To read programs and maps by id takes SYS_ADMIN; to load and trace takes BPF and PERFMON. Source: capabilities(7).
  capabilities: ['BPF', 'NET_ADMIN', 'PERFMON', 'SYS_ADMIN'],
  host: { filesystem: 'none', pid: false },
  user: 'root',
}

export const noBpf = {
  pattern: "can't get next (program|map|link)|Operation not permitted|not supported|No BTF found|vmlinux",
  hint: 'It needs the capabilities BPF, PERFMON and SYS_ADMIN, and a kernel with BTF (/sys/kernel/btf/vmlinux).',
}
