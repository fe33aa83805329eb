import { type ArgumentCase, casesOf } from './argument-case.ts'

/** Arguments of the same kind as `hiddenArguments`, in forms that only one tool has. */
export const hiddenArgumentsByTool: readonly ArgumentCase[] = [
  ...casesOf(
    'deny',
    'iproute2 lib/utils.c matches(): any prefix of a word, the first in the order of the source',
    `
    ip l s eth0 down
    ip li s dev eth0 mtu 9000
    ip a a 10.0.0.9/24 dev eth0
    ip a c 10.0.0.9/24 dev eth0
    ip a sa
    ip a showd
    ip r a default via 10.0.0.1
    ip r r default via 10.0.0.1
    ip r t 10.0.0.0/8
    ip r d default
    ip r f cache
    ip r sa
    ip ru a from all lookup 5
    ip ru f
    ip n a 10.0.0.1 lladdr 0:0:0:0:0:1 dev eth0
    ip n f all
    ip nex f
    ip netn d x
    ip netns se x 5
    ip tunt a mode tun
    ip mpt e f
    ip tc f
    ip tok se ::1 dev eth0
    ip ioam namespace add 1
    `,
  ),
  ...casesOf(
    'named',
    'ip(8), ip-monitor(8), ip-vrf(8), ip-netns(8)',
    `
    ip -b /tmp/x
    ip -ba /tmp/x
    ip --bat /tmp/x
    ip -4 -b/tmp/x
    ip -f inet -batch /tmp/x
    ip -c -b - addr
    ip monitor f /tmp/x
    ip mo link fi /tmp/x
    ip monitor route label file /tmp/x
    ip -t mon all-nsid file /tmp/x
    ip vrf exec blue id
    ip vrf e blue id
    ip v e blue id
    ip netn e x id
    ip netns ex x id
    ip -a netns exec id
    ip -n other addr
    ip -ne other addr
    `,
  ),
  ...casesOf(
    'named',
    'bpftool(8), src/main.c is_prefix(): any prefix of a word',
    `
    bpftool prog dump xlated id 5 fi /tmp/x
    bpftool p d x id 5 f /tmp/x
    bpftool prog dump jited name n file /tmp/x
    bpftool prog show pi /sys/fs/bpf/x
    bpftool p s p /sys/fs/bpf/x
    bpftool map dump pinned /sys/fs/bpf/x
    bpftool bt d f /tmp/x
    bpftool btf dump fil /tmp/x format c
    bpftool b file /tmp/x
    bpftool bat f /tmp/x
    bpftool gen skeleton /tmp/x
    bpftool g o /tmp/x /tmp/y
    `,
  ),
  ...casesOf(
    'deny',
    'bpftool(8)',
    `
    bpftool map upd id 1 key 0 value 0
    bpftool m del id 1 key 0
    bpftool net det xdp dev eth0
    bpftool iter pin /tmp/x /sys/fs/bpf/x
    `,
  ),
  ...casesOf(
    'named',
    'ethtool(8): sub-commands with files',
    `
    ethtool -d eth0 file /tmp/x
    ethtool -d eth0 raw on file /tmp/x
    ethtool --register-dump eth0 hex off file /tmp/x
    ethtool --json -d eth0 file /tmp/x
    ethtool --debug 1 -d eth0 file /tmp/x
    ethtool -w eth0 data /tmp/x
    ethtool -f eth0 /tmp/x
    ethtool --flash eth0 /tmp/x 1
    `,
  ),
  ...casesOf(
    'deny',
    'ethtool(8)',
    `
    ethtool --debug 1 -s eth0 speed 100
    ethtool -I -A eth0 rx off
    ethtool -Q eth0 queue_mask 1 --coalesce rx-usecs 1
    ethtool --set-phy-tunable eth0 downshift on
    `,
  ),
  ...casesOf(
    'named',
    'tcpdump(8), print-esp.c: -E file NAME, in any of the secrets',
    `
    tcpdump -ni any -E 'file /tmp/x' esp
    tcpdump -ni any '-Efile /tmp/x' esp
    tcpdump -ni any -E 'FILE /tmp/x' esp
    tcpdump -ni any -E 'des:y,file /tmp/x' esp
    tcpdump -ni any -E ' file /tmp/x' esp
    tcpdump -ni any -c 1 -nE 'file /tmp/x' esp
    `,
  ),
  ...casesOf(
    'named',
    'openssl(1): options with long names after one dash or two; providers and engines are program code',
    `
    openssl ciphers -provider-path /tmp -provider x
    openssl ciphers -v -propquery x -provider x
    openssl ciphers --provider-path /tmp
    openssl s_client -connect h:1 -provider-path /tmp -provider x
    openssl s_client -connect h:1 -CAstore file:/tmp/x
    openssl s_client -connect h:1 --CAfile /tmp/x
    openssl s_client -connect h:1 -chainCApath /tmp
    openssl s_client -connect h:1 -requestCAfile /tmp/x
    openssl s_client -connect h:1 -srp_arg x -xkey /tmp/x
    openssl s_client -connect h:1 -pass file:/tmp/x
    openssl x509 -in /tmp/x
    openssl x509 -noout -CAkey /tmp/x
    openssl x509 -out /tmp/x
    openssl s_server -accept 1
    openssl engine -t dynamic
    `,
  ),
  ...casesOf(
    'named',
    'nmap 7.93, getopt_long_only() and its undocumented -o, -i, -m',
    `
    nmap -o /tmp/x 10.0.0.1
    nmap -ox 10.0.0.1
    nmap -vo /tmp/x 10.0.0.1
    nmap -m /tmp/x 10.0.0.1
    nmap -i /tmp/x
    nmap -excludef /tmp/x 10.0.0.1
    nmap -styles /tmp/x -oX - 10.0.0.1
    nmap -scrip vuln 10.0.0.1
    nmap -resum /tmp/x
    nmap 10.-.-.-
    nmap 10.0.0.1-
    nmap 10.0.0.-9
    nmap 10.0.0.1,2
    nmap example.org/28
    nmap 'fd00::/120'
    nmap -sn 10.*.0.1
    `,
  ),
  ...casesOf(
    'named',
    'socat(1): options with values, addresses with files',
    `
    socat -lf/tmp/x - TCP:h:1
    socat -lf /tmp/x - TCP:h:1
    socat -r/tmp/x - TCP:h:1
    socat -R /tmp/x - TCP:h:1
    socat -L/tmp/x - TCP:h:1
    socat -t 1 -W /tmp/x - TCP:h:1
    socat - TCP:h:1,lockfile=/tmp/x
    socat - GOPEN:/tmp/x
    socat -t /tmp/x TCP:h:1
    socat - TCP4-L:9
    `,
  ),
  ...casesOf(
    'named',
    'ipset(8) 7.17: -f and -file with one dash or two, behind any command',
    `
    ipset -f /tmp/x save
    ipset list --f /tmp/x
    ipset l -o save -f /tmp/x
    ipset -o plain list --file /tmp/x
    ipset rest -f /tmp/x
    `,
  ),
  ...casesOf(
    'named',
    'ps(1) of procps-ng 4.0.2: BSD e, with or without a dash, and the column environ',
    `
    ps e
    ps eww 1
    ps axe
    ps auxeww
    ps -p 1 e
    ps -eo pid,args e
    ps -ef xe
    ps -auxe
    ps -axe
    ps -ef -aux
    ps p 1 eo args
    ps -eo pid,environ
    ps -oenviron=ENV -p 1
    ps o pid,environ
    ps --format environ
    ps --form=pid,environ
    ps -O environ
    `,
  ),
  ...casesOf(
    'named',
    'GTFOBins, sysctl: names with slashes leave /proc/sys in procps before 4',
    `
    sysctl kernel/../../../etc/hostname
    sysctl -n net/../../1/environ
    sysctl /etc/hostname
    sysctl -a ../../etc/hostname
    `,
  ),
  ...casesOf(
    'named',
    'crictl(1): global options before the command',
    `
    crictl exec x id
    crictl -r unix:///run/containerd/containerd.sock exec x id
    crictl --timeout 5s exec -it x sh
    crictl -i unix:///x -D attach x
    crictl --config=/tmp/x ps
    crictl run /tmp/c.json /tmp/p.json
    crictl runp /tmp/p.json
    crictl frobnicate
    `,
  ),
  ...casesOf(
    'named',
    'ping(8): floods; strtod(3) reads hexadecimal and exponents',
    `
    ping -f 10.0.0.1
    ping -c 9 -i0 10.0.0.1
    ping -i 1e-3 10.0.0.1
    ping -i 0x1p-9 10.0.0.1
    ping -i nan 10.0.0.1
    ping -nl50 10.0.0.1
    ping -i ,1 10.0.0.1
    `,
  ),
]
