import { noNeeds, type Tool } from '#core/request/tool'
import { iperf3Insight } from './insight/iperf3-insight.ts'
import {
  checkArguments,
  findDetours,
  isGiven,
  readArguments,
  reading,
  sending,
  special,
  specialChange,
  valuesOf,
} from './kit/arguments.ts'
import { notInImage } from './kit/hints.ts'
import { bounded, toReading } from './kit/reading-and-needs.ts'

// Source: iperf3(1) 3.12.
const iperfOptions = [
  ...reading(
    '-p,--port= -f,--format= -i,--interval= -B,--bind= --bind-dev= -V,--verbose -J,--json --forceflush --timestamps[=]',
  ),
  ...reading(
    '-c,--client= --sctp -X,--xbind= -u,--udp -b,--bitrate= --pacing-timer= --fq-rate= -t,--time= -n,--bytes=',
  ),
  ...reading(
    '-k,--blockcount= -l,--length= --cport= -P,--parallel= -R,--reverse --bidir -w,--window= -C,--congestion=',
  ),
  ...reading('-M,--set-mss= -N,--no-delay -4,--version4 -6,--version6 -S,--tos= --dscp= -L,--flowlabel= -Z,--zerocopy'),
  ...reading('-O,--omit= -T,--title= --extra-data= --get-server-output --udp-counters-64bit --repeating-payload'),
  ...reading(
    '--dont-fragment --connect-timeout= --rcv-timeout= --snd-timeout= -v,--version -h,--help -d,--debug -A,--affinity=',
  ),
  ...special('waits for connections', '-s,--server -D,--daemon -1,--one-off'),
  ...sending(special('sends a file', '-F,--file=')),
  ...special('reads a file', '--rsa-public-key-path= --rsa-private-key-path= --authorized-users-path='),
  ...specialChange('writes a file', '--logfile= -I,--pidfile='),
]

export const iperf3: Tool = {
  name: 'iperf3',
  about: 'How fast is the path to another iperf3?',
  examples: ['iperf3 -c 10.224.0.4', 'iperf3 -c 10.224.0.4 -R -t 10'],
  hints: [
    {
      pattern: 'unable to connect to server',
      hint: 'Somebody has to run `iperf3 -s` on the other end; its port is 5201.',
    },
    notInImage,
  ],
  reaches: (argv) => {
    const given = readArguments(argv.slice(1), iperfOptions)
    return [...valuesOf(given, '-c'), ...given.operands]
  },
  insight: iperf3Insight,
  read: (argv) => {
    const given = readArguments(argv.slice(1), iperfOptions)
    const checked = checkArguments('iperf3', given)
    const isBounded = isGiven(given, '-t', '-n', '-k', '-v', '-h', '-s')
    return toReading(isBounded ? argv : bounded(argv, '-t', '5'), {
      needs: { ...noNeeds, effect: checked.effect },
      notes: isBounded ? [] : ['-t 5: a short test is enough to measure the speed'],
      special: checked.special,
      sendsInput: checked.sendsInput,
      discloses: checked.special.length > 0,
      detours: findDetours('iperf3', given),
    })
  },
}
