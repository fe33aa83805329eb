import { mergeNeeds, type Reading, type Tool } from '#core/request/tool'
import { chrootNeeds } from './chroot.ts'
import { changing, checkArguments, isGiven, readArguments, reading, special, specialChange } from './kit/arguments.ts'
import { noChroot, notInImage } from './kit/hints.ts'
import { countedInterval, plainNeeds, refuse, toReading } from './kit/reading-and-needs.ts'

// Source: sar(1) and sar.c of sysstat 12.6. Words after -q, -r, -u, -F, -s and -e are keywords or times, and no numbers.
const options = [
  ...reading('-A -B -b -C -D -d -F -H -h -I= -j= -m= -n= -P= -p -q -r -S -s -e -t -u -V,--version -v -W -w -y -z'),
  ...reading('--dev= --fs= --iface= --int= --dec= --help --human --pretty --sadc -i='),
  ...special('reads a file', '-f'),
  ...specialChange('writes a file', '-o'),
  ...changing('-x -X'),
]

export const sar: Tool = {
  name: 'sar',
  about: 'How busy are interfaces, processors, memory and disks, second by second?',
  examples: ['sar -n DEV 1 2', 'sar -n TCP,ETCP 1 2', 'sar -u 1 2'],
  hints: [
    {
      pattern: 'Cannot open /var/log/sys(?:stat|log)?|failed to run command .{0,3}sar',
      hint: 'The node keeps no records of sysstat: `sar -n DEV 1 5` measures now.',
    },
    noChroot,
    notInImage,
  ],
  read: (argv, on): Reading => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('sar', given)
    const parts = { needs: plainNeeds(checked.effect), special: checked.special, opens: [] }
    if (isGiven(given, '-V', '-h', '--help', '--sadc')) return toReading(argv, parts)
    const numbers = given.operands.filter((operand) => /^\d+$/.test(operand))
    if (isGiven(given, '-f')) return toReading(argv, { ...parts, opens: given.operands })
    // Without an interval it shows the day's records, which a node may have and the image hasn't.
    if (numbers.length === 0 && on === 'node') {
      return toReading(argv, { ...parts, needs: mergeNeeds(parts.needs, chrootNeeds), viaChroot: true })
    }
    if (numbers.length === 0) {
      return refuse(
        argv,
        'A pod keeps no records of sysstat.',
        'Measure now, with an interval and a count: `sar -n DEV 1 5`.',
      )
    }
    // 0 shows the time since the start, once.
    const counted = countedInterval('sar', argv, Number(numbers[0]) > 0 ? numbers : [])
    return toReading(argv, { ...parts, opens: isGiven(given, '-o') ? given.operands : [], ...counted })
  },
}
