import type { Catalogue, Tool } from '#core/tool'
import { iperf3, nmap, tcpdump } from './capture.ts'
import { chrootTool } from './chroot.ts'
import { curl } from './curl.ts'
import { dig } from './dig.ts'
import { drill } from './drill.ts'
import { cat, ls } from './files.ts'
import { filters } from './filters.ts'
import { grep } from './grep.ts'
import { ip } from './ip.ts'
import { iptables, iptablesNames } from './iptables.ts'
import { jq } from './jq.ts'
import { bpftool, bpftrace, nsenter } from './kernel.ts'
import { conntrack, ebtables, ethtool, ipset } from './links.ts'
import { nc } from './nc.ts'
import { nft } from './nft.ts'
import { nslookup } from './nslookup.ts'
import { mtr, traceroute } from './paths.ts'
import { ping } from './ping.ts'
import { ps, top } from './processes.ts'
import { shells } from './shells.ts'
import { lsof, netstat, ss } from './sockets.ts'
import { crictl, openssl, socat } from './streams.ts'
import { sysctl } from './sysctl.ts'
import { journalctl, systemctl } from './systemd.ts'
import { wget } from './wget.ts'

const chroot = chrootTool((name) => byName.get(name))

/** Every tool that the bot knows, in the order in which help shows them. */
export const tools: readonly Tool[] = [
  ...[ping, dig, nslookup, drill, nc, curl, wget, openssl, socat, traceroute, mtr, nmap, iperf3],
  ...[ip, ss, netstat, ethtool, tcpdump, conntrack, iptables, nft, ipset, ebtables, bpftool, bpftrace],
  ...[chroot, systemctl, journalctl, crictl, sysctl, ps, top, lsof, cat, ls],
  ...[...filters, grep, jq],
]

/** Other names of a tool: a grant of the tool covers them. */
const aliases: readonly (readonly [string, Tool])[] = [
  ['ping4', ping],
  ['ping6', ping],
  ['ncat', nc],
  ...iptablesNames.map((name) => [name, iptables] as const),
]

const byName: ReadonlyMap<string, Tool> = new Map([
  ...[...tools, ...shells, nsenter].map((tool) => [tool.name, tool] as const),
  ...aliases,
])

/** `names` are the tools that a policy may name; `tool` knows their other names as well. */
export const catalogue: Catalogue = {
  tool: (name) => byName.get(name),
  names: tools.map(({ name }) => name),
}
