import type { TargetKind } from './rows.ts'

/**
 * What has to come of an example. `shows`: it ends with `exit` (0) and its output matches. `judged`: this cluster can't do it, and why; the
 * output is asserted all the same. `answered`: nothing is run, and the answer matches.
 */
export type Expectation =
  | { is: 'shows'; matches: RegExp; exit: number }
  | { is: 'judged'; why: string; matches: RegExp; exit: number }
  | { is: 'answered'; matches: RegExp }

type AtBoth = Readonly<Record<TargetKind, Expectation>>

const shows = (matches: RegExp, exit = 0): Expectation => ({ is: 'shows', matches, exit })
const judged = (why: string, matches: RegExp, exit = 0): Expectation => ({ is: 'judged', why, matches, exit })
const answered = (matches: RegExp): Expectation => ({ is: 'answered', matches })

const both = (matches: RegExp): AtBoth => ({ node: shows(matches), pod: shows(matches) })
const each = (node: RegExp, pod: RegExp): AtBoth => ({ node: shows(node), pod: shows(pod) })

/** Returns the expectations of an example that needs the node. */
const nodeOnly = (matches: RegExp, answer = /needs access to the node, which a pod does not have/): AtBoth => ({
  node: shows(matches),
  pod: answered(answer),
})

const noCrictl = {
  node: judged('the nodes have no crictl', /failed to run command .crictl/, 127),
  pod: answered(/needs access to the node/),
}
const noChrony = {
  node: judged('the nodes keep no clock of their own', /failed to run command .chronyc/, 127),
  pod: judged('no chronyd runs', /506 Cannot talk to daemon/, 1),
}
const noIpvs = judged('this kernel has no IPVS', /Can't initialize ipvs: Protocol not available/, 2)
const noWireGuard = judged('this kernel has no WireGuard', /^$/)
const noKprobes = judged('this kernel has no kprobes', /Could not read symbols.*available_filter_functions/)

const clock = /^\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d UTC \d{4}$/m
/** The warning comes where something has looked at the legacy tables of this network before. */
const chain =
  /^(?:# Warning: iptables-legacy tables present, use iptables-legacy to see them\n)?Chain INPUT \(policy ACCEPT \d+\w? packets, \d+\w? bytes\)\n pkts bytes target/
const ownRelease = /^NAME="Debian GNU\/Linux"$/m

/** Expectations by tool and example, for a node and for a pod. */
export const expectations: Readonly<Record<string, Readonly<Record<string, AtBoth>>>> = {
  ping: {
    'ping 10.224.0.4': both(/5 packets transmitted, 5 received, 0% packet loss/),
    'ping -c 3 -W 1 example.org': both(/3 packets transmitted, 3 received, 0% packet loss/),
    'ping -M do -s 1472 10.224.0.4': both(/1480 bytes from .*\n[\s\S]* 5 received, 0% packet loss/),
  },
  dig: {
    'dig example.org +short': both(/^93\.184\.215\.14$/m),
    'dig @10.0.0.10 kubernetes.default.svc.cluster.local': both(/status: NOERROR[\s\S]*\sIN\s+A\s+10\.96\.0\.1$/m),
    'dig -x 10.224.0.4': both(/\sIN\s+PTR\s+kubernetes\.default\.svc\.cluster\.local\.$/m),
  },
  nslookup: {
    'nslookup example.org': both(/^Name:\texample\.org\nAddress: 93\.184\.215\.14$/m),
    'nslookup -type=mx example.org 10.0.0.10': both(
      /Server:\s+10\.96\.0\.10\n[\s\S]*Can't find example\.org: No answer/,
    ),
  },
  host: {
    'host example.org': both(/^example\.org has address 93\.184\.215\.14$/m),
    'host -t SRV _https._tcp.kubernetes.default.svc.cluster.local': both(/has SRV record \d+ \d+ 443 kubernetes\./),
    'host 10.224.0.4': both(/domain name pointer kubernetes\.default\.svc\.cluster\.local/),
  },
  drill: {
    'drill example.org': both(/rcode: NOERROR[\s\S]*\sIN\s+A\s+93\.184\.215\.14$/m),
    'drill -S example.org': both(/Chase successful/),
    'drill @10.0.0.10 example.org AAAA': both(/rcode: NOERROR[\s\S]*ANSWER: 0[\s\S]*SERVER: 10\.96\.0\.10/),
  },
  getent: {
    'getent hosts localhost': both(/^(127\.0\.0\.1|::1)\s+localhost/m),
    'getent ahosts localhost': both(/^127\.0\.0\.1\s+STREAM/m),
  },
  nc: {
    'nc -zv 10.0.0.1 443': both(/Connected to 10\.96\.0\.1:443\./),
    'nc -zvu 10.0.0.10 53': both(/Connected to 10\.96\.0\.10:53\.[\s\S]*UDP packet sent successfully/),
  },
  curl: {
    'curl -k https://10.0.0.1': both(/"reason": "Unauthorized",\s+"code": 401/),
    'curl -sS -o /dev/null -w %{http_code} https://example.org': both(/^200$/),
    'curl -I example.org': both(/HTTP\/1\.0 200 OK\r?\n/),
  },
  wget: {
    'wget -qO- http://10.224.0.4:8080/healthz': both(/^ok$/m),
    'wget -S --spider https://example.org': both(/HTTP\/1\.0 200 OK[\s\S]*Remote file exists/),
  },
  openssl: {
    'openssl s_client -connect 10.0.0.1:443 -brief': both(/CN = kube-apiserver[\s\S]*DONE/),
    // The first openssl writes parts of lines to stderr, one of which may stand before the output of the second.
    'openssl s_client -connect example.org:443 | openssl x509 -noout -dates': both(
      /notBefore=.* GMT\nnotAfter=.* GMT$/m,
    ),
  },
  socat: {
    'socat -u TCP:10.224.0.4:22,connect-timeout=3 STDOUT': both(/^SSH-2\.0-peer\r?$/m),
    'socat -V': both(/^socat version 1\./m),
  },
  traceroute: {
    'traceroute -n 10.224.0.4': both(/^ \d {2}10\.244\.2\.\d+ {2}[\d.]+ ms/m),
    'traceroute -n -T -p 443 example.org': both(/^ \d {2}10\.244\.2\.\d+ {2}[\d.]+ ms/m),
  },
  tracepath: {
    'tracepath -n 10.224.0.4': both(/ reached\n\s+Resume: pmtu 1500 hops \d/),
    'tracepath -n -m 5 10.224.0.4': both(/ reached\n\s+Resume: pmtu 1500 hops \d/),
  },
  mtr: {
    'mtr -n 10.224.0.4': both(/10\.244\.2\.\d+ +0\.0% +5 /),
    'mtr -n -T -P 443 -c 20 example.org': both(/10\.244\.2\.\d+ +0\.0% +20 /),
  },
  arping: {
    'arping -c 2 -I eth0 10.224.0.4': both(/reply from 10\.[\d.]+ \[[\dA-F:]+\][\s\S]*Received 2 response/),
    'arping -D -c 2 -I eth0 10.224.0.4': both(/from 0\.0\.0\.0 [\s\S]*Received 0 response/),
  },
  nmap: {
    'nmap -Pn -p 22,80,443 10.224.0.4': both(/^22\/tcp +open[\s\S]*^80\/tcp +open[\s\S]*^443\/tcp +open/m),
    'nmap -sn 10.224.0.4': both(/1 IP address \(1 host up\)/),
  },
  iperf3: {
    'iperf3 -c 10.224.0.4': both(/receiver\s+iperf Done/),
    'iperf3 -c 10.224.0.4 -R -t 10': both(/Reverse mode[\s\S]*receiver\s+iperf Done/),
  },
  ip: {
    'ip -br addr': each(/^host0@\S+ +UP +10\.10\.0\.11/m, /^eth0@\S+ +UP +10\.244\.1\./m),
    'ip route get 10.224.0.4': each(/ via 10\.10\.0\.12 dev host0 /, / via 10\.244\.1\.1 dev eth0 /),
    'ip -s link show eth0': both(/RX: +bytes packets[\s\S]*TX: +bytes packets/),
    'ip netns list': each(/^cni-/m, /^$/),
  },
  ss: {
    'ss -tlnp': each(/^LISTEN .*:10250 .*"kubernetes"/m, /^State +Recv-Q/),
    'ss -s': both(/^TCP: +\d+ \(estab \d+/m),
    "ss -tn state established '( dport = :443 )'": each(/10\.10\.0\.1:6443/, /10\.96\.0\.1:443/),
  },
  netstat: {
    'netstat -tlnp': each(/:10250 .* LISTEN +\d+\/kubernetes/, /Foreign Address/),
    'netstat -rn': each(/^10\.244\.2\.0 +10\.10\.0\.12 /m, /^0\.0\.0\.0 +10\.244\.1\.1 /m),
    'netstat -s': both(/^Ip:\n[\s\S]*total packets received[\s\S]*^Tcp:$/m),
  },
  nstat: {
    'nstat -az': both(/^IpInReceives +[1-9]/m),
    "nstat -az 'TcpExtListen*'": both(/^TcpExtListenOverflows +\d+[\s\S]*^TcpExtListenDrops +\d+/m),
  },
  ethtool: {
    'ethtool eth0': both(/Link detected: yes/),
    'ethtool -S eth0': both(/^NIC statistics:\n +peer_ifindex: \d+/m),
    'ethtool -k eth0 | grep segmentation': both(/^tcp-segmentation-offload: on$/m),
  },
  tc: {
    'tc -s qdisc show': both(/^qdisc noqueue 0: dev (host0|eth0) [\s\S]*Sent \d+ bytes/m),
    'tc filter show dev eth0 ingress': both(/^$/),
  },
  bridge: {
    'bridge link': each(/ master cni0 state forwarding/, /port0.* master br0/),
    'bridge fdb show': both(/^33:33:\S+ dev (host0|eth0) self permanent$/m),
    'bridge vlan show': both(/^port +vlan-id/),
  },
  arp: {
    'arp -an': each(/^\? \(10\.10\.0\.1\) at [\da-f:]+ \[ether\] on host0$/m, /^\? \(10\.244\.1\.1\) at [\da-f:]+ /m),
    'arp -n': each(/^10\.10\.0\.1 +ether +[\da-f:]+ /m, /^10\.244\.1\.1 +ether +[\da-f:]+ /m),
  },
  route: { 'route -n': each(/^10\.244\.2\.0 +10\.10\.0\.12 /m, /^0\.0\.0\.0 +10\.244\.1\.1 /m) },
  ifconfig: {
    ifconfig: each(/^host0: [\s\S]*inet 10\.10\.0\.11 /m, /^eth0: [\s\S]*inet 10\.244\.1\./m),
    'ifconfig -a': each(/^host0: [\s\S]*^lo: /m, /^eth0: [\s\S]*^lo: /m),
  },
  hostname: { hostname: each(/^node001$/m, /^target$/m), 'hostname -I': each(/10\.10\.0\.11 /, /10\.244\.1\./) },
  tcpdump: {
    'tcpdump -ni eth0 port 53': both(/(?=[\s\S]* > 10\.[\d.]+\.53: )[\s\S]*^20 packets captured$/m),
    'tcpdump -ni any -c 10 host 10.224.0.4 and tcp': both(/(?=[\s\S]*Flags \[)[\s\S]*^10 packets captured$/m),
  },
  conntrack: {
    'conntrack -L': both(/\btcp +6 \d+ .* dport=\d+ /),
    'conntrack -L -p tcp --dport 443': both(/\btcp +6 \d+ .* dport=443 /),
    'conntrack -C': both(/^[1-9]\d*$/m),
    'conntrack -S': both(/^cpu=0 +\tfound=\d+ .*drop=\d+/m),
  },
  iptables: {
    'iptables -nvL | head -n 2': both(chain),
    'iptables -t nat -S': both(/^-P PREROUTING ACCEPT$/m),
    'ip6tables -nvL INPUT': both(chain),
  },
  nft: {
    'nft list ruleset | head -n 20': both(/^table ip/m),
    'nft -a list table ip filter': both(/^table ip filter \{ # handle \d+$/m),
  },
  ipset: { 'ipset list -n': each(/^$/, /^blocked$/m), 'ipset list': each(/^$/, /^Name: blocked\nType: hash:ip$/m) },
  ebtables: {
    'ebtables -L': both(/^Bridge chain: INPUT, entries: 0, policy: ACCEPT$/m),
    'ebtables -t nat -L --Lc': both(/^Bridge chain: PREROUTING, entries: 0, policy: ACCEPT$/m),
  },
  ipvsadm: { 'ipvsadm -Ln': { node: noIpvs, pod: noIpvs }, 'ipvsadm -Ln --stats': { node: noIpvs, pod: noIpvs } },
  wg: {
    'wg show': { node: noWireGuard, pod: noWireGuard },
    'wg show all latest-handshakes': { node: noWireGuard, pod: noWireGuard },
  },
  bpftool: {
    'bpftool prog show': both(/^\d+: cgroup_\w+ +name /m),
    'bpftool net show': both(/^xdp:\n\ntc:/),
    'bpftool feature probe': both(/Scanning system configuration[\s\S]*ISA extension v\d is available/),
  },
  bpftrace: { "bpftrace -l 'kprobe:tcp_*'": { node: noKprobes, pod: noKprobes } },
  chroot: {
    'chroot /host cat /etc/resolv.conf | tail -n 2': nodeOnly(/^nameserver 10\.96\.0\.10$/m),
    'chroot /host iptables -nvL | head -n 2': nodeOnly(chain),
  },
  systemctl: {
    'systemctl status kubelet': nodeOnly(/Active: active \(running\)/),
    'systemctl list-units --failed': nodeOnly(/^\d+ loaded units listed\./m),
  },
  journalctl: {
    'journalctl -u kubelet -n 50': nodeOnly(/ node001 (kubernetes|systemd)\[\d+\]: /),
    'journalctl -k --since -10min': nodeOnly(/ node001 kernel: /),
  },
  dmesg: {
    'dmesg -T | tail -n 50': nodeOnly(/^\[\w{3} \w{3} +\d+ [\d:]+ \d{4}\] /m, /Name the pod's node/),
    'dmesg --level err,warn': nodeOnly(/^\[ *\d+\.\d+\] /m, /Name the pod's node/),
  },
  crictl: {
    'crictl ps': noCrictl,
    'crictl inspect CONTAINER': noCrictl,
    'crictl logs --tail 50 CONTAINER': noCrictl,
  },
  sysctl: {
    'sysctl net.ipv4.ip_forward': both(/^net\.ipv4\.ip_forward = 1$/m),
    'sysctl -a -r conntrack': both(/^net\.netfilter\.nf_conntrack_buckets = \d+$/m),
  },
  chronyc: { 'chronyc tracking': noChrony, 'chronyc sources': noChrony },
  timedatectl: {
    timedatectl: nodeOnly(/^ *System clock synchronized: (yes|no)$/m, /Name its node as the target/),
    'timedatectl show': nodeOnly(/^Timezone=.*\n[\s\S]*^NTPSynchronized=(yes|no)$/m, /Name its node as the target/),
  },
  ps: {
    'ps aux': each(/^root +1 .*(systemd|init)/m, /retina-run/),
    'ps -eo pid,ppid,user,args | grep kubelet': each(/ root +\S*kubernetes kubelet /, / grep kubelet$/m),
  },
  pgrep: { 'pgrep -a kubelet': each(/^\d+ .*containerd/m, /^\d+ .*retina-run/m), 'pgrep -c .': both(/^[1-9]\d*$/m) },
  pidof: { 'pidof kubelet': both(/^\d+( \d+)*$/m) },
  top: {
    top: both(/^top - [\s\S]*^ +PID USER /m),
    'top -o %MEM -n 1 | head -n 20': both(/^top - [\s\S]*^ +PID USER .*%MEM/m),
  },
  mpstat: { 'mpstat -P ALL 1 2': both(/^Average: +all +[\d.]+/m) },
  sar: {
    'sar -n DEV 1 2': each(/^Average: +host0 +[\d.]+/m, /^Average: +eth0 +[\d.]+/m),
    'sar -n TCP,ETCP 1 2': both(/^Average: +active\/s +passive\/s[\s\S]*^Average: +atmptf\/s/m),
    'sar -u 1 2': both(/^Average: +all +[\d.]+/m),
  },
  iostat: { 'iostat -xz': both(/^Device +r\/s/m), 'iostat -xz 1 2': both(/^avg-cpu: [\s\S]*^avg-cpu: /m) },
  pidstat: {
    'pidstat 1 2': both(/^Average: +UID +PID +%usr/m),
    'pidstat -d 1 2': both(/^Average: +UID +PID +kB_rd\/s/m),
  },
  vmstat: { vmstat: both(/^ r +b +swpd/m), 'vmstat -w 1 3': both(/-procs-[\s\S]*(\n +\d.*){3}/) },
  free: { 'free -m': both(/^Mem: +\d+/m), 'free -h': both(/^Mem: +[\d.]+[MG]i/m) },
  df: {
    'df -h': each(/ \/$/m, /^overlay .* \/$/m),
    'df -i': each(/^Filesystem +Inodes[\s\S]* \/$/m, /^overlay .* \/$/m),
  },
  lsof: {
    'lsof -nP -i :443': {
      node: shows(/^kubern\S* +\d+ +root .*:10250 \(LISTEN\)$/m),
      pod: judged("a pod's tool sees the processes of its own container alone", /^$/, 1),
    },
    'lsof -nP -p 1': each(/^systemd +1 root +cwd /m, /^COMMAND +PID/m),
  },
  uptime: { uptime: both(/ up .* load average: [\d.]+/), 'uptime -p': both(/^up \d+/m) },
  uname: { 'uname -r': both(/^\d+\.\d+\.\d+/), 'uname -a': each(/^Linux node001 /, /^Linux target /) },
  date: { date: both(clock), 'date -u +%FT%TZ': both(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m) },
  cat: { 'cat /etc/os-release': both(ownRelease) },
  ls: {
    'ls /host': nodeOnly(/^etc\n[\s\S]*^usr\nvar$/m),
    'ls -l /host/etc/cni/net.d': nodeOnly(/^-rw.* 10-bridge\.conflist$/m),
  },
  file: {
    'file /host/usr/bin/kubelet': nodeOnly(/: ELF 64-bit LSB pie executable/),
    'cat /etc/os-release | file -': both(/^\/dev\/stdin: ASCII text$/m),
  },
  head: {
    'iptables -nvL | head -n 2': both(chain),
    'head -n 20 /host/etc/resolv.conf': nodeOnly(/^nameserver 10\.96\.0\.10$/m),
  },
  tail: {
    'dig example.org | tail -n 5': both(/^;; MSG SIZE +rcvd: \d+$/m),
    'tail -n 50 /host/var/log/syslog': nodeOnly(/^nobody:/m),
  },
  sort: { 'iptables -S | sort': both(/^-P FORWARD ACCEPT\n-P INPUT ACCEPT\n-P OUTPUT ACCEPT$/m) },
  uniq: { 'iptables -S | sort | uniq -c': both(/^ +1 -P INPUT ACCEPT$/m) },
  wc: { 'iptables -S | wc -l': both(/^[3-9]|\d\d$/m) },
  cut: { "dig example.org +short | cut -d . -f '1-2'": both(/^93\.184$/m) },
  tr: { 'dig example.org +short | tr a-z A-Z': both(/^93\.184\.215\.14$/m) },
  grep: {
    'iptables -S | grep -i drop': both(/^-A .* -j DROP$/m),
    "iptables -S | grep -e '--dport 443'": each(/-j DROP$/m, /^-A INPUT .*--dport 443 -j DROP$/m),
    'grep nameserver /host/etc/resolv.conf': nodeOnly(/^nameserver 10\.96\.0\.10$/m),
  },
  awk: { "ss -tan | awk '{print $5}' | sort | uniq -c": both(/^ +\d+ (\S+:\S+)$/m) },
  jq: {
    "nft -j list ruleset | jq -c '.nftables[0]'": both(/^\{"metainfo":\{"version":"[\d.]+"/),
    'curl -sk https://10.0.0.1 | jq .message': both(/^"Unauthorized"$/m),
  },
  zcat: { 'zcat /proc/config.gz | grep CONFIG_BPF': both(/^CONFIG_BPF_SYSCALL=y$/m) },
}
