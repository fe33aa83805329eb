import { conntrackInsight } from './insight/conntrack-insight.ts'
import { measureConntrack } from './insight/measure-tool-output.ts'
import { changing, checkArguments, isGiven, readArguments, reading, specialChange } from './kit/arguments.ts'
import { usesFile, verbTool } from './kit/packet-filter-tool.ts'

// Source: conntrack(8) 1.4.7 and 1.4.8, and its getopt string.
const options = [
  // What is glued to these may be the name of a table, or further options: both are options here.
  ...reading('-L,--dump -G,--get -C,--count -S,--stats -E,--event -h,--help -V,--version'),
  ...reading(
    '-s,--src,--orig-src= -d,--dst,--orig-dst= -r,--reply-src= -q,--reply-dst= -p,--proto,--protonum= -f,--family=',
  ),
  ...reading('-t,--timeout= -u,--status= -e,--event-mask= -o,--output= -m,--mark= -b,--buffer-size= -w,--zone='),
  ...reading('--orig-zone= --reply-zone= -l,--label= -n,--src-nat -g,--dst-nat -j,--any-nat --state='),
  ...reading('--sport,--orig-port-src= --dport,--orig-port-dst= --reply-port-src= --reply-port-dst= --icmp-type='),
  ...reading('--icmp-code= --icmp-id= --mask-src= --mask-dst= --tuple-src= --tuple-dst= -i,--id='),
  ...changing('-D,--delete -I,--create -A,--add -U,--update -F,--flush -z,--zero -a,--nat-range='),
  ...changing('-c,--secmark= --label-add= --label-del[=]'),
  ...specialChange(usesFile, '--load-file,-R='),
]

export const conntrack = verbTool(
  {
    name: 'conntrack',
    about: 'Which connections does the node track?',
    examples: ['conntrack -L', 'conntrack -L -p tcp --dport 443', 'conntrack -C', 'conntrack -S'],
    insight: conntrackInsight,
    measure: measureConntrack,
  },
  (args) => {
    const given = readArguments(args, options)
    const checked = checkArguments('conntrack', given)
    return isGiven(given, '-L', '-G', '-C', '-S', '-E', '-h', '-V') ? checked : { ...checked, effect: 'write' }
  },
)
