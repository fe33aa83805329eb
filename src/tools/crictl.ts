import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import { checkArguments, readArguments, reading, specialChange } from './kit/arguments.ts'
import { refuse, toReading } from './kit/reading-and-needs.ts'
import { commands, mergeChecked, readCommands } from './kit/subcommands.ts'

/** Needs of access to the node's container runtime: access to its socket gives root rights on the node. */
const runtimeNeeds: Needs = {
  ...noNeeds,
  capabilities: ['SYS_CHROOT'],
  host: { filesystem: 'read-write', pid: false },
  effect: 'write',
  user: 'root',
}

// Source: crictl(1) 1.28 to 1.34. These options precede the command, and have one dash or two.
const options = [
  ...reading('-D,-debug -t,-timeout= -h,-help -v,-version -profile-cpu= -profile-mem= -enable-tracing'),
  ...reading('-tracing-endpoint= -tracing-sampling-rate-per-million='),
  ...specialChange('reads or writes a file', '-c,-config='),
  ...specialChange('talks to any socket', '-r,-runtime-endpoint='),
  ...specialChange('talks to any socket', '-i,-image-endpoint='),
]

const verbs = [
  ...commands('ps pods images,image,img inspect inspecti inspectp logs info stats statsp version imagefsinfo'),
  ...commands('metricdescs metricsp events,event runtime-config help,h completion'),
  ...commands('stop! stopp! rm! rmp! rmi! pull! start! update! checkpoint!'),
  ...commands('run* runp* create* config*', 'reads files, and runs programs in new containers'),
]

const enters = /^-*(exec|attach|port-forward)$/

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
      pattern: 'failed to run command .{0,3}crictl|crictl: not found',
      hint: 'The node has no crictl; its runtime may have `ctr` or `docker`.',
    },
  ],
  // Access to the runtime's socket gives root rights on the node, so even read-only commands request all of them.
  read: (argv) => {
    const given = readArguments(argv.slice(1), options, { oneDash: 'names', stopAtOperand: true })
    const [command = ''] = given.operands
    if (enters.test(command)) {
      return refuse(
        argv,
        `crictl ${command} runs programs in other containers.`,
        'Name the pod as the target: `shell -n NS pod/NAME …`.',
      )
    }
    const read = readCommands('crictl', given.operands, verbs, 'exact')
    return toReading(argv, {
      needs: runtimeNeeds,
      notes: ["crictl talks to the runtime's socket, which is as good as root on the node"],
      viaChroot: true,
      special: mergeChecked(checkArguments('crictl', given), read).special,
    })
  },
}
