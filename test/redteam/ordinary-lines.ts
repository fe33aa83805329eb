import { type ArgumentCase, casesOf } from './argument-case.ts'

/** Ordinary lines of on-call work: they only read, and must stay allowed. */
export const ordinaryLines: readonly ArgumentCase[] = [
  ...casesOf(
    'allow',
    'ss(8)',
    `
    ss -tlnp
    ss -tunap
    ss -4 -tln
    ss -i -t dst 10.0.0.7
    ss -tan state time-wait
    ss -o state established '( dport = :https or sport = :https )'
    ss --summary
    ss -xl
    ss --tcp --proc
    ss -A tcp,udp -n
    `,
  ),
  ...casesOf(
    'allow',
    'ip(8), ip-address(8), ip-route(8), ip-rule(8), ip-neighbour(8)',
    `
    ip -s link
    ip -4 addr
    ip xfrm policy
    ip xf p
    ip -family inet6 route show
    ip -f inet -o a
    ip a s eth0
    ip l sh dev eth0
    ip r l table 100
    ip r g 10.0.0.1 from 10.0.0.2 iif eth0
    ip ro get 1.0.0.1
    ip rule s
    ip ru l
    ip n s dev eth0
    ip neigh get 10.0.0.1 dev eth0
    ip -j -p addr show
    ip -color=never -br link
    ip -c=auto addr
    ip --oneline -4 address list scope global
    ip -ts monitor link
    ip monitor all label
    ip mon dev eth0
    ip vrf show
    ip vrf identify 1
    ip nexthop list
    ip maddr sh dev eth0
    ip tunnel sh
    ip token list
    ip ntable show dev eth0
    ip netconf show dev eth0
    ip netns list-id
    ip tcp_metrics show 10.0.0.1
    ip mptcp endpoint show
    ip stats show dev eth0
    ip -d link show type vxlan
    ip link xstats type bridge
    ip -rc 65536 monitor route
    `,
  ),
  ...casesOf(
    'allow',
    'tcpdump(8)',
    `
    tcpdump -ni any port 53 -c 10
    tcpdump -eni eth0 -c3 'tcp[tcpflags] & (tcp-syn|tcp-fin) != 0'
    tcpdump --interface=any --number -c 2 udp
    tcpdump -ni any -E '0x12345678@10.0.0.9 aes256-cbc:0x6162636465' -c 5 esp
    tcpdump -ni any -E des3-cbc:abcdef esp
    tcpdump -nn -i any -s0 -X -c 4 host 10.0.0.9 and not port 22
    `,
  ),
  ...casesOf(
    'allow',
    'curl(1)',
    `
    curl -sv https://10.0.0.1/healthz
    curl -c - -sS http://10.0.0.1/
    curl -c/dev/null http://10.0.0.1/
    curl --cookie-jar - http://10.0.0.1/
    curl -sS -D - -o /dev/null https://example.org
    curl --trace-ascii - http://10.0.0.1
    curl -w '%{time_total} %{remote_ip}\\n' -so /dev/null https://example.org
    curl -k --connect-timeout 3 -m 9 https://10.0.0.1:6443/version
    curl -H 'Accept: text/plain' -b 'a=b' http://10.0.0.1/
    curl --data-urlencode q=x -G http://10.0.0.1/find
    curl -sSI --http2 https://example.org
    curl --resolve example.org:443:10.0.0.9 https://example.org/
    `,
  ),
  ...casesOf(
    'allow',
    'wget(1)',
    `
    wget -o - -qO- http://10.0.0.1/
    wget -o/dev/null -O - http://10.0.0.1/
    wget -a - -O- http://10.0.0.1/
    wget --output-file=/dev/stderr -S --spider http://10.0.0.1/
    wget -nv --timeout=3 --tries=1 -O /dev/null https://example.org
    `,
  ),
  ...casesOf(
    'allow',
    'journalctl(1)',
    `
    journalctl -u kubelet --since '10 min ago'
    journalctl -u containerd -n 100 -o short-iso
    journalctl -b -1 -k
    journalctl --boot -2 -u kubelet
    journalctl -b -u kubelet
    journalctl --list-catalog
    journalctl --dump-catalog
    journalctl --list-namespaces
    journalctl -p err..alert --grep oom
    journalctl -t kubelet -n20 --no-hostname
    journalctl _SYSTEMD_UNIT=kubelet.service + _PID=1
    `,
  ),
  ...casesOf(
    'allow',
    'iptables(8), nft(8), conntrack(8), ipset(8), ebtables(8)',
    `
    iptables -L -n -v
    iptables -t nat -L PREROUTING -n --line-numbers
    iptables -vnL -w
    iptables-save -c -t filter
    ip6tables -S FORWARD
    nft list table inet filter
    nft --json list chains
    nft -s list ruleset
    conntrack -L -n -p udp --dport 53
    conntrack -Lp tcp
    conntrack --dump --proto tcp --orig-port-dst 443
    conntrack -E -o timestamp,id
    conntrack -C expect
    ipset -L -n
    ipset l
    ipset -o xml list x
    ebtables -t filter -L --Ln --Lc
    `,
  ),
  ...casesOf(
    'allow',
    'dig(1), drill(1), nslookup(1)',
    `
    dig +short kubernetes.default.svc.cluster.local
    dig @10.0.0.10 -t SRV _dns._udp.example.org +noall +answer
    dig -x 10.0.0.9 +time=2 +tries=1 +tcp
    drill -Q @10.0.0.10 example.org MX
    nslookup -timeout=2 example.org 10.0.0.10
    `,
  ),
  ...casesOf(
    'allow',
    'openssl-s_client(1), openssl-ciphers(1)',
    `
    openssl s_client -connect 10.0.0.1:443 -dtls1_2
    openssl s_client -connect 10.0.0.1:443 -no_tls1_3 -servername example.org
    openssl s_client -connect 10.0.0.1:443 -verify_depth 3 -verify_return_error
    openssl s_client -connect 10.0.0.1:443 -min_protocol TLSv1.2 -max_protocol TLSv1.3
    openssl s_client -starttls smtp -connect 10.0.0.1:25 -crlf
    openssl ciphers -v -tls1_3
    openssl ciphers -s -V 'HIGH:!aNULL'
    openssl version -a
    openssl s_client -connect 10.0.0.1:443 | openssl x509 -noout -ext subjectAltName
    `,
  ),
  ...casesOf(
    'allow',
    'nmap(1), ncat(1), socat(1)',
    `
    nmap -phttps 10.0.0.1
    nmap -oG - -p 22 10.0.0.1
    nmap -oX - -sn 10.0.0.1
    ip -4 route ls
    ip link ls up
    conntrack -L -f ipv4 --zone 5
    conntrack -E -p tcp --state ESTABLISHED
    lsof -Pni4
    lsof -t -i:80
    journalctl -xeu kubelet
    journalctl -p 3 -xb
    bpftool map lookup id 5 key hex 00 01
    ethtool -S eth0 --groups eth-mac
    ps axo pid,comm --sort=-rss
    ps axjf
    sysctl 'net.ipv4.conf.*.rp_filter'
    nmap -p ssh,http -sT example.org
    nmap -sn -n my-host-7
    nmap -p T:1-100 --open 10.0.0.1
    nmap -Pn -p- --min-rate 500 10.0.0.1
    nmap -6 -sT -p 22 fd00::7
    nc -zvw2 10.0.0.1 22
    nc -z --wait 3 10.0.0.1 22-25
    nc --recv-only -w 3 10.0.0.1 22
    socat -t 2 -T 4 - TCP:10.0.0.1:22
    socat -b 512 -u TCP4:10.0.0.1:22 STDOUT
    socat -d -d -t1 - UDP:10.0.0.10:53
    `,
  ),
  ...casesOf(
    'allow',
    'ethtool(8), bpftool(8), bpftrace(8)',
    `
    ethtool -d eth0 raw off hex on
    ethtool -e eth0 offset 0 length 64
    ethtool -m eth0 hex on
    ethtool -S eth0 --all-groups
    ethtool --json --show-features eth0
    ethtool -n eth0 rx-flow-hash tcp4
    ethtool -x eth0
    ethtool --debug 1 -i eth0
    bpftool p s
    bpftool prog dump xlated id 5 linum
    bpftool m s name conntrack
    bpftool map dump id 7
    bpftool -jp net show dev eth0
    bpftool btf dump id 1 format c
    bpftool feature probe kernel
    bpftool cgroup tree
    bpftrace -l
    bpftrace -l 'tracepoint:sock:*'
    bpftrace --info
    `,
  ),
  ...casesOf(
    'allow',
    'sysctl(8), ps(1), top(1), lsof(8), systemctl(1)',
    `
    sysctl -n net.ipv4.ip_forward net.core.somaxconn
    sysctl net/ipv4/conf/eth0.100/rp_filter
    sysctl -a -r 'nf_conntrack_(max|count)'
    ps -ef --forest
    ps -eo pid,ppid,rss,args --sort -rss
    ps axo pid,comm,wchan
    ps -fp 1
    ps auxww
    ps -C kubelet -o pid,etime
    ps -u root -e
    ps -eLf
    top -bn1 -o %CPU
    lsof -nPi tcp:443
    lsof +c 15 -p 1
    lsof -a -p 1 -d cwd,txt
    systemctl status kubelet containerd --no-pager -n 20
    systemctl show kubelet -p ActiveState --value
    systemctl list-units --type=service --state=failed
    `,
  ),
  ...casesOf(
    'allow',
    'ping(8), traceroute(8), mtr(8), iperf3(1), netstat(8)',
    `
    ping -c 3 -i 0.5 10.0.0.1
    ping -c2 -W1 -M do -s 1400 10.0.0.1
    traceroute -nT -p 443 10.0.0.1
    mtr -rnc 5 10.0.0.1
    iperf3 -c 10.0.0.1 -P 4 -t 3 -R
    netstat -antup
    `,
  ),
  ...casesOf(
    'allow',
    'proc(5)',
    `
    cat /proc/net/dev
    cat /proc/cpuinfo
    cat /proc/sys/net/ipv4/ip_forward
    cat /proc/meminfo /proc/loadavg
    cat /sys/class/net/eth0/statistics/rx_dropped
    head -n 3 /proc/net/snmp
    grep -i tcpext /proc/net/netstat
    `,
  ),
]
