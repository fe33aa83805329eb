import type { Tool } from '#core/request/tool'
import { busNeeds } from './chroot.ts'
import { changing, checkArguments, isGiven, readArguments, reading, special } from './kit/arguments.ts'
import { noBus, noChroot, notInImage } from './kit/hints.ts'
import { elsewhere, refuse, toReading } from './kit/reading-and-needs.ts'
import { commands, mergeChecked, readCommands } from './kit/subcommands.ts'

// Source: timedatectl(1) of systemd 257.
const options = [
  ...reading(
    '-h,--help --version --no-pager --no-ask-password --monitor -p,--property= -a,--all --value -P= -l,--full',
  ),
  ...special(elsewhere, '-H,--host= -M,--machine='),
  ...changing('--adjust-system-clock'),
]

const verbs = [
  ...commands('status show list-timezones timesync-status show-timesync'),
  ...commands('set-time! set-timezone! set-local-rtc! set-ntp! ntp-servers! revert!'),
]

export const timedatectl: Tool = {
  name: 'timedatectl',
  about: "What does the node's systemd say about its clock: time zone, synchronised or not?",
  examples: ['timedatectl', 'timedatectl show'],
  hints: [noBus, noChroot, notInImage],
  read: (argv, on) => {
    if (on === 'pod') {
      return refuse(
        argv,
        'A pod has the clock of its node, and no systemd.',
        'Name its node as the target, or type `date`.',
      )
    }
    const given = readArguments(argv.slice(1), options)
    if (isGiven(given, '--monitor')) {
      return refuse(
        argv,
        'timedatectl --monitor does not end by itself.',
        'Leave out --monitor; `rerun ID` asks again.',
      )
    }
    const { effect, special } = mergeChecked(
      checkArguments('timedatectl', given),
      readCommands('timedatectl', given.operands, verbs, 'exact'),
    )
    return toReading(argv, { needs: { ...busNeeds, effect }, viaChroot: true, special, opens: [] })
  },
}
