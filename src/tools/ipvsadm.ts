import type { Tool } from '#core/request/tool'
import { changing, checkArguments, isGiven, readArguments, reading } from './kit/arguments.ts'
import { notInImage, workedOut } from './kit/hints.ts'
import { rawNeeds, toReading } from './kit/reading-and-needs.ts'

// Source: ipvsadm(8) 1.31, and the table of options in its ipvsadm.c. Long options can't be abbreviated (popt).
const options = [
  ...reading('-L,-l,--list -S,--save -h,--help -v,--version -n,--numeric -c,--connection --timeout --daemon --stats'),
  ...reading('--rate --thresholds --persistent-conn --nosort --sort -X,--exact -6,--ipv6'),
  ...reading('-t,--tcp-service= -u,--udp-service= --sctp-service= -f,--fwmark-service='),
  ...changing('-A,--add-service -E,--edit-service -D,--delete-service -C,--clear -R,--restore -Z,--zero'),
  ...changing('-a,--add-server -e,--edit-server -d,--delete-server --set --start-daemon= --stop-daemon='),
  ...changing('-s,--scheduler= -p,--persistent[=] -M,--netmask= -r,--real-server= -g,--gatewaying -i,--ipip'),
  ...changing('-m,--masquerading -w,--weight= -x,--u-threshold= -y,--l-threshold= --mcast-interface= --syncid='),
  ...changing('-o,--ops --pe= -b,--sched-flags= --tun-type= --tun-port= --tun-nocsum --tun-csum --tun-remcsum'),
]

export const ipvsadm: Tool = {
  name: 'ipvsadm',
  about: 'To which pods does kube-proxy in IPVS mode send the connections of services?',
  examples: ['ipvsadm -Ln', 'ipvsadm -Ln --stats'],
  hints: [
    {
      pattern: "Can't initialize ipvs: Permission denied",
      hint: `ipvsadm needs \`-c NET_ADMIN,NET_RAW\`, ${workedOut}.`,
    },
    {
      pattern: "Can't initialize ipvs: Protocol not available",
      hint: "This node's kernel has no IPVS in use, so no service is served by it: look at `iptables-save` or `nft list ruleset`.",
    },
    notInImage,
  ],
  read: (argv) => {
    const given = readArguments(argv.slice(1), options, { wholeNames: true })
    const checked = checkArguments('ipvsadm', given)
    // Without any argument it lists; an operand is a value of a command that changes something.
    const lists = isGiven(given, '-L', '-S', '-h', '-v') || argv.length === 1
    const effect = lists && given.operands.length === 0 ? checked.effect : 'write'
    // Where the kernel has no netlink for it, ipvsadm asks by a raw socket.
    return toReading(argv, {
      needs: { ...rawNeeds, capabilities: ['NET_ADMIN', 'NET_RAW'], effect },
      special: checked.special,
      opens: [],
    })
  },
}
