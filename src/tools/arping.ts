import type { Tool } from '#core/request/tool'
import { changing, checkArguments, findDetours, isGiven, readArguments, reading } from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, noRaw, rawNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: arping(8) of iputils 20221126. Neighbours store the sender's address, so a chosen one changes their
// tables, as -U and -A do.
const options = [...reading('-f -q -b -D -V -c= -w= -i= -I= -h,-?'), ...changing('-U -A -s=')]

export const arping: Tool = {
  name: 'arping',
  about: 'Does a neighbour in the same network answer, and with which MAC address?',
  examples: ['arping -c 2 -I eth0 10.224.0.4', 'arping -D -c 2 -I eth0 10.224.0.4'],
  hints: [
    {
      pattern: 'Interface "?[^"\\n]{0,40}"? ?(?:is not ARPable|is down)|Device [^\\n]{0,40} not available',
      hint: 'It cannot ask there: `ip -br link` lists the interfaces, `ip route get HOST` shows which one leads to a host.',
    },
    noRaw,
    notInImage,
  ],
  reaches: (argv) => readArguments(argv.slice(1), options).operands,
  hostNotation: 'international',
  read: (argv) => {
    const given = readArguments(argv.slice(1), options)
    const checked = checkArguments('arping', given, true)
    const isBounded = isGiven(given, '-c', '-w', '-V', '-h')
    return toReading(isBounded ? argv : bounded(argv, '-c', '5'), {
      needs: { ...rawNeeds, effect: checked.effect },
      notes: isBounded ? [] : ['-c 5: arping does not end by itself'],
      special: checked.special,
      opens: [],
      discloses: false,
      detours: findDetours('arping', given),
    })
  },
}
