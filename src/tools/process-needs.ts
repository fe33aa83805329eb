import { type Needs, noNeeds } from '#core/request/tool'

/** Names of the programs behind sockets stand in /proc of all processes, whose files only who may trace them can read. */
export const processNeeds: Needs = {
  ...noNeeds,
  capabilities: ['SYS_PTRACE'],
  host: { filesystem: 'none', pid: true },
  user: 'root',
}
