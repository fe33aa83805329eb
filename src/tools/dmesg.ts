import { type Needs, noNeeds, type Tool } from '#core/request/tool'
import { changing, checkArguments, isGiven, readArguments, reading, special } from './kit/arguments.ts'
import { notInImage, workedOut } from './kit/hints.ts'
import { refuse, toReading } from './kit/reading-and-needs.ts'

// Source: dmesg(1) of util-linux 2.38.
const options = [
  ...reading(
    '-d,--show-delta -e,--reltime -f,--facility= -H,--human -k,--kernel -L,--color[=] -l,--level= -P,--nopager',
  ),
  ...reading(
    '-p,--force-prefix -r,--raw -S,--syslog -s,--buffer-size= -T,--ctime -t,--notime --time-format= -u,--userspace',
  ),
  ...reading('-w,--follow -W,--follow-new -x,--decode --since= --until= --noescape -J,--json -h,--help -V,--version'),
  ...special('reads a file', '-F,--file= -K,--kmsg-file='),
  ...changing('-C,--clear -c,--read-clear -D,--console-off -E,--console-on -n,--console-level='),
]

/** The kernel's log takes the right to read it where `kernel.dmesg_restrict` is set, and in a container anyway. */
const needs: Needs = { ...noNeeds, capabilities: ['SYSLOG'], user: 'root' }

export const dmesg: Tool = {
  name: 'dmesg',
  about: "What does the node's kernel report?",
  examples: ['dmesg -T | tail -n 50', 'dmesg --level err,warn'],
  hints: [
    {
      pattern: '^dmesg: read kernel buffer failed: Operation not permitted',
      hint: `The kernel's log needs \`-c SYSLOG\`, ${workedOut}; \`journalctl -k\` shows the same log.`,
    },
    notInImage,
  ],
  read: (argv, on) => {
    const given = readArguments(argv.slice(1), options)
    const { effect, special: named } = checkArguments('dmesg', given)
    if (on === 'pod' && !isGiven(given, '-h', '-V'))
      return refuse(
        argv,
        "dmesg shows the kernel's log, which is the node's.",
        "Name the pod's node: `shell NODE dmesg -T`.",
      )
    return toReading(argv, {
      needs: { ...needs, effect },
      notes: isGiven(given, '-w', '-W') ? ['dmesg -w does not end by itself: the deadline stops it'] : [],
      special: named,
    })
  },
}
