import { addFileAccess } from '#core/request/file-access'
import { imagePrograms } from '#core/request/image-programs'
import type { Catalogue, Tool } from '#core/request/tool'
import { api } from './api.ts'
import { arp } from './arp.ts'
import { arping } from './arping.ts'
import { awk } from './awk.ts'
import { bpftool } from './bpftool.ts'
import { bpftrace } from './bpftrace.ts'
import { bridge } from './bridge.ts'
import { cat } from './cat.ts'
import { chronyc } from './chronyc.ts'
import { chrootTool } from './chroot.ts'
import { conntrack } from './conntrack.ts'
import { crictl } from './crictl.ts'
import { curl } from './curl.ts'
import { cut } from './cut.ts'
import { date } from './date.ts'
import { df } from './df.ts'
import { dig } from './dig.ts'
import { dmesg } from './dmesg.ts'
import { drill } from './drill.ts'
import { ebtables } from './ebtables.ts'
import { echo, printf } from './echo.ts'
import { ethtool } from './ethtool.ts'
import { file } from './file.ts'
import { free } from './free.ts'
import { getent } from './getent.ts'
import { grep } from './grep.ts'
import { head } from './head.ts'
import { host } from './host.ts'
import { hostname } from './hostname.ts'
import { ifconfig } from './ifconfig.ts'
import { iostat } from './iostat.ts'
import { ip } from './ip.ts'
import { iperf3 } from './iperf3.ts'
import { ipset } from './ipset.ts'
import { iptables, iptablesNames } from './iptables.ts'
import { ipvsadm } from './ipvsadm.ts'
import { journalctl } from './journalctl.ts'
import { jq } from './jq.ts'
import { ls } from './ls.ts'
import { lsof } from './lsof.ts'
import { mpstat } from './mpstat.ts'
import { mtr } from './mtr.ts'
import { nc } from './nc.ts'
import { netstat } from './netstat.ts'
import { nft } from './nft.ts'
import { nmap } from './nmap.ts'
import { nsenter } from './nsenter.ts'
import { nslookup } from './nslookup.ts'
import { nstat } from './nstat.ts'
import { openssl } from './openssl.ts'
import { pgrep } from './pgrep.ts'
import { pidof } from './pidof.ts'
import { pidstat } from './pidstat.ts'
import { ping } from './ping.ts'
import { ps } from './ps.ts'
import { shells } from './refused-shells.ts'
import { route } from './route.ts'
import { sar } from './sar.ts'
import { socat } from './socat.ts'
import { sort } from './sort.ts'
import { ss } from './ss.ts'
import { sysctl } from './sysctl.ts'
import { systemctl } from './systemctl.ts'
import { tail } from './tail.ts'
import { tc } from './tc.ts'
import { tcpdump } from './tcpdump.ts'
import { timedatectl } from './timedatectl.ts'
import { top } from './top.ts'
import { tr } from './tr.ts'
import { tracepath } from './tracepath.ts'
import { traceroute } from './traceroute.ts'
import { uname } from './uname.ts'
import { uniq } from './uniq.ts'
import { uptime } from './uptime.ts'
import { vmstat } from './vmstat.ts'
import { wc } from './wc.ts'
import { wg } from './wg.ts'
import { wget } from './wget.ts'
import { zcat } from './zcat.ts'

const chroot = chrootTool((name) => find(name))

/** All tools that a policy can grant, in the order in which the help lists them. What each opens is judged here. */
export const tools: readonly Tool[] = [
  ...[
    ping,
    dig,
    nslookup,
    host,
    drill,
    getent,
    nc,
    curl,
    wget,
    openssl,
    socat,
    traceroute,
    tracepath,
    mtr,
    arping,
    nmap,
    iperf3,
  ],
  ...[ip, ss, netstat, nstat, ethtool, tc, bridge, arp, route, ifconfig, hostname],
  ...[tcpdump, conntrack, iptables, nft, ipset, ebtables, ipvsadm, wg, bpftool, bpftrace],
  ...[
    chroot,
    systemctl,
    journalctl,
    dmesg,
    crictl,
    sysctl,
    chronyc,
    timedatectl,
    ps,
    pgrep,
    pidof,
    top,
    mpstat,
    sar,
    iostat,
    pidstat,
    vmstat,
    free,
    df,
  ],
  ...[lsof, uptime, uname, date, cat, ls, file, head, tail, sort, uniq, wc, cut, tr, grep, awk, jq, zcat],
].map((tool) => ({ ...tool, read: (argv, on) => addFileAccess(tool.name, tool.read(argv, on), on) }))

/** Other names of tools. A grant of the tool includes them. */
const aliases: readonly (readonly [string, string])[] = [
  ['ping4', 'ping'],
  ['ping6', 'ping'],
  ['ncat', 'nc'],
  ...iptablesNames.map((name) => [name, 'iptables'] as const),
]

const byOwnName = new Map([...tools, echo, printf, ...shells, nsenter, api].map((tool) => [tool.name, tool]))
const byAlias = new Map(aliases)

/** Looks up a tool by its own name or another one. */
const find = (name: string) => byOwnName.get(byAlias.get(name) ?? name)

/** Tool catalogue. `names` are the tools that a policy may name; `tool` also finds aliases, echo and printf,
 * which need no grant, shells, nsenter, and rights that are no programs. */
export const catalogue: Catalogue = {
  tool: find,
  names: tools.map(({ name }) => name),
  inImage: (name) => imagePrograms.has(name),
}
