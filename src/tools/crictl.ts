import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import { refuse, toReading } from './kit/make-reading.ts'

/** Needs of access to the node's container runtime: access to its socket gives root rights on the node. */
const runtimeNeeds: Needs = {
  ...noNeeds,
  capabilities: ['SYS_CHROOT'],
  host: { filesystem: 'read-write', pid: false },
  effect: 'write',
  user: 'root',
}

export const crictl: Tool = {
  name: 'crictl',
  about: "Which containers does the node's runtime have?",
  examples: ['crictl ps', 'crictl inspect CONTAINER', 'crictl logs --tail 50 CONTAINER'],
  hints: [
    {
      pattern: 'validate service connection|connect: permission denied',
      hint: 'The runtime did not answer: check `systemctl status containerd`.',
    },
    {
      pattern: 'No such file or directory|not found',
      hint: 'The node has no crictl; its runtime may have `ctr` or `docker`.',
    },
  ],
  // Access to the runtime's socket gives root rights on the node, so even read-only commands request all of them.
  read: (argv) => {
    if (['exec', 'attach', 'port-forward'].includes(argv.find((arg, at) => at > 0 && !arg.startsWith('-')) ?? '')) {
      return refuse(
        argv,
        `crictl ${argv[1]} runs programs in other containers.`,
        'Name the pod as the target: `shell -n NS pod/NAME …`.',
      )
    }
    return toReading(argv, {
      needs: runtimeNeeds,
      notes: ["crictl talks to the runtime's socket, which is as good as root on the node"],
      viaChroot: true,
    })
  },
}
