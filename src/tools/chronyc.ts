import type { Tool } from '#core/request/tool'
import { chrootNeeds } from './chroot.ts'
import { changing, checkArguments, readArguments, reading, specialChange } from './kit/arguments.ts'
import { noChroot, notInImage } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: chronyc(1) of chrony 4.
const options = [
  ...reading('-4 -6 -n -N -c -e -d -m -v,--version --help'),
  ...changing('-a -p='),
  ...specialChange('connects to another host', '-h='),
  ...specialChange('reads a file', '-f='),
]

/** Commands that only show something. */
const showing = new Set(
  'tracking sources sourcestats activity ntpdata selectdata rtcdata smoothing serverstats clients'.split(' '),
)

export const chronyc: Tool = {
  name: 'chronyc',
  about: "Is the node's clock right?",
  examples: ['chronyc tracking', 'chronyc sources'],
  hints: [
    {
      pattern: '^506 Cannot talk to daemon',
      hint: "No chronyd answers there. A pod has none: its clock is its node's, as in `shell NODE chronyc tracking`.",
    },
    {
      pattern: 'failed to run command .{0,3}chronyc',
      hint: 'The node has no chrony; `timedatectl` says what keeps its clock.',
    },
    noChroot,
    notInImage,
  ],
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('chronyc', given)
    const [command = ''] = given.operands
    const effect = showing.has(command) && given.operands.length === 1 ? checked.effect : 'write'
    if (on === 'pod') return toReading(argv, { needs: plainNeeds(effect), special: checked.special, opens: [] })
    return toReading(argv, { needs: { ...chrootNeeds, effect }, viaChroot: true, special: checked.special, opens: [] })
  },
}
