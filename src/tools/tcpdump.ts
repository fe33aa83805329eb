import type { Tool } from '#core/request/tool'
import { tcpdumpInsight } from './insight/tcpdump-insight.ts'
import {
  checkArguments,
  isGiven,
  readArguments,
  reading,
  special,
  specialChange,
  unless,
  valuesOf,
} from './kit/arguments.ts'
import { notInImage, workedOut } from './kit/hints.ts'
import { bounded, rawNeeds, refuse, toReading } from './kit/reading-and-needs.ts'

/** Secrets of IPsec that are written out: `spi@host algorithm:key`, or the last part alone, in a list. */
const secrets = /^((0x)?[\da-f]+@[\w.:]+ +)?[\w-]+:\w+(,((0x)?[\da-f]+@[\w.:]+ +)?[\w-]+:\w+)*$/i

// Source: tcpdump(1) 4.99, and print-esp.c: each secret of `-E` may be `file NAME`.
const tcpdumpOptions = [
  ...reading(
    '-A -b -B,--buffer-size= -c= --count -d -D,--list-interfaces -e -f -H -h,--help --version -i,--interface=',
  ),
  ...reading(
    '-I,--monitor-mode --immediate-mode -j,--time-stamp-type= -J,--list-time-stamp-types --time-stamp-precision=',
  ),
  ...reading(
    '--micro --nano -K,--dont-verify-checksums -l -L,--list-data-link-types -n -N -#,--number -O,--no-optimize',
  ),
  ...reading(
    '-p,--no-promiscuous-mode --print -q -Q,--direction= -s,--snapshot-length= -S,--absolute-tcp-sequence-numbers',
  ),
  ...reading('-t -T= -u -U,--packet-buffered -v -x -X -y,--linktype= -M= --skip= --lengths'),
  ...unless(secrets, special('may read its secrets from a file', '-E=')),
  ...specialChange('writes a file', '-w= -C= -G= -W='),
  ...specialChange('runs a program after each file', '-z='),
  ...special('reads a file', '-r= -V= -F= -m='),
  ...special('becomes another user', '-Z,--relinquish-privileges='),
]

export const tcpdump: Tool = {
  name: 'tcpdump',
  about: 'Which packets come and go?',
  examples: ['tcpdump -ni eth0 port 53', 'tcpdump -ni any -c 10 host 10.224.0.4 and tcp'],
  hints: [
    {
      pattern: "You don't have permission|socket: Operation not permitted",
      hint: `Capturing needs \`-c NET_RAW\`, ${workedOut}.`,
    },
    {
      pattern: 'No such device exists',
      hint: 'There is no such interface here: `ip -br link` lists them, `-i any` captures on all.',
    },
    notInImage,
  ],
  insight: tcpdumpInsight,
  read: (argv) => {
    const given = readArguments(argv.slice(1), tcpdumpOptions)
    if (valuesOf(given, '-w').includes('-')) {
      return refuse(
        argv,
        'tcpdump -w - writes bytes that no chat can show.',
        'To see packets as text, use `-X`, or `-A` for their content.',
      )
    }
    const checked = checkArguments('tcpdump', given)
    const hasOwnEnd = isGiven(given, '-D', '-h', '--version', '-d', '-L', '-J', '-c')
    // Without `-Z root`, tcpdump may switch to its own user, which the container has no right to do: the shell image's doesn't,
    // that of another image may. `-l` prints each packet at once.
    const userOption = isGiven(given, '-Z') ? [] : ['-Z', 'root']
    return toReading(bounded(argv, '-l', ...userOption, ...(hasOwnEnd ? [] : ['-c', '20'])), {
      needs: { ...rawNeeds, effect: checked.effect },
      notes: hasOwnEnd ? [] : ['-c 20: tcpdump does not end by itself'],
      special: checked.special,
    })
  },
}
