import type { Tool } from '#core/request/tool'
import { chrootNeeds } from './chroot.ts'
import { changing, checkArguments, readArguments, reading } from './kit/arguments.ts'
import { noChroot, notInImage } from './kit/hints.ts'
import { plainNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: df(1) of GNU coreutils 9.
const options = [
  ...reading('-a,--all -B,--block-size= -h,--human-readable -H,--si -i,--inodes -k -l,--local --no-sync --output[=]'),
  ...reading('-P,--portability --total -t,--type= -T,--print-type -x,--exclude-type= -v --help --version'),
  ...changing('--sync'),
]

export const df: Tool = {
  name: 'df',
  about: "How full are the node's disks?",
  examples: ['df -h', 'df -i'],
  hints: [noChroot, notInImage],
  read: (argv, on) => {
    const checked = checkArguments('df', readArguments(argv.slice(1), options))
    if (on === 'pod') {
      const notes = ["df shows the debug container's own disks, not those of the pod's containers"]
      return toReading(argv, { needs: plainNeeds(checked.effect), special: checked.special, notes })
    }
    return toReading(argv, {
      needs: { ...chrootNeeds, effect: checked.effect },
      viaChroot: true,
      special: checked.special,
    })
  },
}
