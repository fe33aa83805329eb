/**
 * What each list of arguments is taken for: `read`, `write` (may change something), `filter` (reads its standard input
 * alone) or `refused`; after a colon the special arguments that a grant has to name.
 */
const table = `
read | ip addr
read | ip a
read | ip -4 addr show dev eth0
read | ip -br -c link
read | ip --brief link
read | ip -j -p route show table all
read | ip -s -s link show eth0
read | ip -details link
read | ip route get 10.0.0.1
read | ip -6 route list
read | ip rule
read | ip neigh show
read | ip n
read | ip maddress show
read | ip tunnel show
read | ip monitor
read | ip -V
read | ip netns
read | ip netns list
read | ip netns identify 1
read | ip netns pids x
read | ip help
write | ip link set eth0 down
write | ip l s eth0 down
write | ip link add x type dummy
write | ip link del x
write | ip addr add 10.0.0.9/24 dev eth0
write | ip addr del 10.0.0.9/24 dev eth0
write | ip addr flush dev eth0
write | ip a f dev eth0
write | ip route add default via 10.0.0.1
write | ip route del default
write | ip route replace default via 10.0.0.1
write | ip route change default via 10.0.0.1
write | ip route flush cache
write | ip rule add from all lookup 5
write | ip neigh del 10.0.0.1 dev eth0
write | ip neigh flush all
write | ip netns add x
write | ip netns del x
write | ip tunnel add x mode gre
write | ip tuntap add x mode tun
write | ip frobnicate show
write | ip -frobnicate addr
write: ip xfrm | ip xfrm state flush
write: ip xfrm | ip xfrm state
write: ip macsec | ip macsec show
write: ip --batch | ip -batch /host/x
write: ip --batch | ip -b /host/x
write: ip --batch | ip -ba /host/x
write: ip --batch | ip --batch=/host/x
write: ip --force, ip --batch | ip -force -batch /host/x
read: ip -n | ip -n other addr
read: ip -n | ip -netns other addr
refused | ip -all netns exec ip addr
refused | ip netns exec x sh
refused | ip netns e x sh
read | ss -tlnp
read | ss -s
read | ss -tn state established
read | ss -E
read | ss --tcp --listening --numeric
write | ss -K dst 10.0.0.1
write | ss --kill dst 10.0.0.1
write | ss -tK dst 10.0.0.1
write: ss -D | ss -D /host/x
write: ss -D | ss --diag=/host/x
read: ss -F | ss -F /host/x
read: ss -N | ss -N other -t
write | ss --frobnicate
read | netstat -tlnp
read | netstat -rn
read | netstat -s
read | netstat -i
read | netstat -c
write | netstat --frobnicate
read | lsof -nP -i :443
read | lsof -p 1
read | lsof -nP -iTCP -sTCP:LISTEN
read | lsof +L1
read: lsof -r | lsof -r 2
write: lsof -D | lsof -D b
write | lsof +D /host
write | lsof --frobnicate
read | ps aux
read | ps -eo pid,args
read | ps -ef --forest
read | top
read | top -b -n 1 -o %MEM
write | top -A
write | top --frobnicate
read | ethtool eth0
read | ethtool -i eth0
read | ethtool -S eth0
read | ethtool -k eth0
read | ethtool -g eth0
read | ethtool --show-channels eth0
read | ethtool --json -S eth0
read | ethtool -d eth0
read | ethtool -m eth0
read | ethtool --version
write | ethtool -s eth0 speed 100
write | ethtool -K eth0 tso off
write | ethtool -G eth0 rx 4096
write | ethtool -A eth0 rx off
write | ethtool -C eth0 rx-usecs 0
write | ethtool -L eth0 combined 1
write | ethtool -X eth0 equal 2
write | ethtool -N eth0 flow-type tcp4
write | ethtool -U eth0 flow-type tcp4
write | ethtool -E eth0 offset 0 value 1
write | ethtool -f eth0 firmware
write | ethtool -p eth0
write | ethtool -r eth0
write | ethtool -t eth0
write | ethtool --reset eth0 all
write | ethtool --set-eee eth0 eee off
write | ethtool --frobnicate eth0
write | ethtool -w eth0 data x
write | ethtool eth0 frobnicate now
read | ipset list
read | ipset -L
read | ipset list -n
read | ipset list -terse x
read | ipset save
read | ipset test x 10.0.0.1
read | ipset version
write | ipset create x hash:ip
write | ipset -N x hash:ip
write | ipset add x 10.0.0.1
write | ipset -A x 10.0.0.1
write | ipset del x 10.0.0.1
write | ipset -D x 10.0.0.1
write | ipset flush
write | ipset -F
write | ipset destroy
write | ipset -X
write | ipset swap x y
write | ipset rename x y
write | ipset restore
write | ipset -R
write | ipset
write | ipset --frobnicate
write | ipset frobnicate list
write: ipset -file | ipset save -file /host/x
write: ipset -file | ipset list -f /host/x
read | ebtables -L
read | ebtables -t nat -L --Lc
read | ebtables --list INPUT
read | ebtables -V
write | ebtables -A INPUT -j DROP
write | ebtables -D INPUT 1
write | ebtables -I INPUT -j DROP
write | ebtables -F
write | ebtables -Z
write | ebtables -L -Z
write | ebtables -N x
write | ebtables -X x
write | ebtables -P INPUT DROP
write | ebtables -E a b
write | ebtables
write | ebtables --init-table
write: ebtables --atomic-file | ebtables --atomic-file /host/x -L
write: ebtables --atomic-save | ebtables --atomic-save
write: ebtables --modprobe | ebtables --modprobe /host/x -L
read | conntrack -L
read | conntrack -L -p tcp --dport 443
read | conntrack -C
read | conntrack -S
read | conntrack -E
read | conntrack -E -e NEW
read | conntrack -L -o extended
read | conntrack --dump --family ipv6
read | conntrack -G --orig-src 1.2.3.4 --orig-dst 5.6.7.8 -p tcp --sport 1 --dport 2
write | conntrack -D
write | conntrack -D -s 10.0.0.1
write | conntrack --delete
write | conntrack -F
write | conntrack --flush
write | conntrack -U -p tcp
write | conntrack -I -p tcp
write | conntrack -A -p tcp
write | conntrack -L -z
write | conntrack -Lz
write | conntrack -L -D
write | conntrack
write | conntrack --frobnicate
write: conntrack --load-file | conntrack -R /host/x
write: conntrack --load-file | conntrack --load-file /host/x
read | traceroute 10.0.0.1
read | traceroute -n -I 10.0.0.1
read | traceroute -T -p 443 10.0.0.1
read | traceroute -m 5 -q 1 10.0.0.1
write | traceroute --frobnicate 10.0.0.1
read | mtr 10.0.0.1
read | mtr -rwc 10 10.0.0.1
read | mtr -T -P 443 10.0.0.1
read: mtr -F | mtr -F /host/x
write | mtr --frobnicate 10.0.0.1
read | nmap -Pn -p 80,443 10.0.0.1
read | nmap -p80 10.0.0.1
read | nmap -sT 10.0.0.1
read | nmap -sS 10.0.0.1
read | nmap -sSV 10.0.0.1
read | nmap -sn 10.0.0.1
read | nmap -PS80 10.0.0.1
read | nmap -T4 10.0.0.1
read | nmap -vv -d2 10.0.0.1
read | nmap --top-ports 10 10.0.0.1
read: nmap --sC | nmap -sC 10.0.0.1
read: nmap --sC | nmap -sSC 10.0.0.1
read: nmap -A | nmap -A 10.0.0.1
read: nmap --script | nmap --script=vuln 10.0.0.1
read: nmap --script | nmap --script vuln 10.0.0.1
read: nmap --script | nmap -script vuln 10.0.0.1
read: nmap --iL | nmap -iL /host/x
read: nmap --iL | nmap -iL/host/x
write: nmap --oN | nmap -oN /host/x 10.0.0.1
write: nmap --oN | nmap -oN/host/x 10.0.0.1
write: nmap --oX | nmap -oX /host/x 10.0.0.1
write: nmap --oA | nmap -oA /host/x 10.0.0.1
read: nmap -D | nmap -D 10.0.0.5 10.0.0.1
read: nmap --sI | nmap -sI 10.0.0.5 10.0.0.1
read: nmap --iR | nmap -iR 100
read: nmap --datadir | nmap --datadir /host/x 10.0.0.1
read: nmap RANGE | nmap 10.0.0.0/24
read: nmap RANGE | nmap 10.0.0.1-20
read: nmap RANGE | nmap 10.0.0.1 10.0.0.2
read: nmap RANGE | nmap '10.0.0.*'
write | nmap --frobnicate 10.0.0.1
read | tcpdump -ni eth0 port 53
read | tcpdump -c 5 -i any
read | tcpdump -D
read | tcpdump -nnXSs 0 -i any host 10.0.0.1
write: tcpdump -w | tcpdump -w /host/x
write: tcpdump -w | tcpdump -niany -w/host/x
refused | tcpdump -w -
write: tcpdump -w, tcpdump -z | tcpdump -w x -z sh
write: tcpdump -z | tcpdump -z /host/x
write: tcpdump -C, tcpdump -w | tcpdump -C 1 -w x
read: tcpdump -r | tcpdump -r /host/x
read: tcpdump -F | tcpdump -F /host/x
read: tcpdump -V | tcpdump -V /host/x
read: tcpdump -Z | tcpdump -Z nobody
write | tcpdump --frobnicate
read | iperf3 -c 10.0.0.1
read | iperf3 -c 10.0.0.1 -u -b 10M -t 5
read: iperf3 -s | iperf3 -s
read: iperf3 -s, iperf3 -D | iperf3 -s -D
write: iperf3 --logfile | iperf3 -c x --logfile /host/x
write: iperf3 -I | iperf3 -c x -I /host/x
read: iperf3 -F | iperf3 -c x -F /host/etc/shadow
write | iperf3 --frobnicate
read | socat - TCP:10.0.0.1:80
read | socat -u TCP4:10.0.0.1:22,connect-timeout=3 STDOUT
read | socat - UDP:10.0.0.1:53
read | socat - OPENSSL:10.0.0.1:443,verify=0
write: socat EXEC | socat - EXEC:sh
write: socat EXEC | socat TCP:10.0.0.1:1 exec:'sh'
write: socat SYSTEM | socat - SYSTEM:id
write: socat OPEN | socat - OPEN:/host/x,creat
write: socat CREATE | socat - CREATE:/host/x
write: socat FILE | socat - FILE:/host/etc/shadow
write: socat GOPEN | socat - GOPEN:/host/x
write: socat UNIX-CONNECT | socat - UNIX-CONNECT:/host/run/x.sock
write: socat TCP-LISTEN | socat TCP-LISTEN:80,fork -
write: socat TUN | socat TUN:10.0.0.1/24 -
write: socat TCP | socat - TCP:10.0.0.1:80,setsockopt=1:2:3
write: socat ADDRESS | socat /host/x -
write: socat TCP | socat - 'TCP:10.0.0.1:80!!EXEC:sh'
read | openssl s_client -connect 10.0.0.1:443
read | openssl s_client -connect 10.0.0.1:443 -servername x -showcerts
read | openssl s_client -connect 10.0.0.1:443 -tls1_2 -brief
read | openssl version
read | openssl ciphers
filter | openssl x509 -noout -dates
filter | openssl x509 -text
read: openssl x509 --in | openssl x509 -in /host/x -noout
write | openssl x509 -noout -out /host/x
write: openssl s_client --keylogfile | openssl s_client -connect x:1 -keylogfile /host/x
write: openssl s_client --sess_out | openssl s_client -connect x:1 -sess_out /host/x
read: openssl s_client --cert | openssl s_client -connect x:1 -cert /host/x
read: openssl s_client --CAfile | openssl s_client -connect x:1 -CAfile /host/x
read: openssl s_client --unix | openssl s_client -unix /host/run/x.sock
write | openssl s_client -frobnicate
write: openssl enc | openssl enc -d -in /host/x
write: openssl genrsa | openssl genrsa
write: openssl s_server | openssl s_server -accept 1
write: openssl pkey | openssl pkey -in /host/x
refused | openssl
read | wget -qO- http://10.0.0.1
read | wget -O - http://10.0.0.1
read | wget -O /dev/null http://10.0.0.1
read | wget --spider -S http://10.0.0.1
refused | wget http://10.0.0.1
write: wget -O | wget -O /host/x http://10.0.0.1
write: wget -O | wget -qO/host/x http://10.0.0.1
write: wget -P | wget -P /host http://10.0.0.1
write: wget -o | wget -o /host/x -qO- http://10.0.0.1
write | wget --post-data=x -qO- http://10.0.0.1
write: wget --post-file | wget --post-file /host/x -qO- http://10.0.0.1
write | wget --method=DELETE -qO- http://10.0.0.1
read | wget --method=HEAD -qO- http://10.0.0.1
write | wget -r -O - http://10.0.0.1
write: wget -e | wget -e robots=off -qO- http://10.0.0.1
write: wget --config | wget --config=/host/x -qO- http://10.0.0.1
write: wget --use-askpass | wget --use-askpass=sh -qO- http://10.0.0.1
read: wget -i | wget -i /host/x -O -
read: wget --load-cookies | wget --load-cookies=/host/x -qO- http://10.0.0.1
write | wget -b -qO- http://10.0.0.1
write | wget --frobnicate -qO- http://10.0.0.1
write | crictl ps
write | crictl rm x
write | crictl stopp x
refused | crictl exec x sh
refused | crictl attach x
read | bpftool prog show
read | bpftool prog
read | bpftool -j map list
read | bpftool map dump id 1
read | bpftool map lookup id 1 key 0
read | bpftool net
read | bpftool feature probe
read | bpftool btf list
read | bpftool version
write | bpftool prog load /host/x /sys/fs/bpf/x
write | bpftool prog attach id 1 x
write | bpftool prog detach id 1 x
write | bpftool map update id 1 key 0 value 0
write | bpftool map delete id 1 key 0
write | bpftool map create /sys/fs/bpf/x
write | bpftool cgroup attach /x ingress id 1
write | bpftool net attach xdp id 1 dev eth0
write | bpftool link detach id 1
write | bpftool --frobnicate prog
write: bpftool file | bpftool prog dump xlated id 1 file /host/x
write: bpftool file | bpftool batch file /host/x
write: bpftool file | bpftool prog show pinned /sys/fs/bpf/x
read | bpftrace -l 'kprobe:tcp_*'
read | bpftrace -V
write | bpftrace -e 'BEGIN { exit(); }'
write: bpftrace --unsafe | bpftrace --unsafe -e 'BEGIN { system("id"); }'
write: bpftrace --unsafe | bpftrace /host/x.bt
write: bpftrace --unsafe | bpftrace -o /host/x -e 'BEGIN {}'
refused | nsenter -t 1 -n sh
refused | nsenter
read | systemctl status
read | systemctl list-units --failed
read | systemctl show kubelet
read | systemctl cat kubelet
read | systemctl is-active kubelet
read | systemctl list-timers
write | systemctl start x
write | systemctl restart x
write | systemctl reload x
write | systemctl enable x
write | systemctl disable --now x
write | systemctl mask x
write | systemctl kill x
write | systemctl daemon-reload
write | systemctl isolate x
write | systemctl set-property x y=z
write | systemctl edit x
write | systemctl reboot
write | systemctl poweroff
write | systemctl --force reboot
read | journalctl -k
read | journalctl -f
read | journalctl --disk-usage
write | journalctl --vacuum-time=1s
write | journalctl --flush
write | journalctl --sync
write | journalctl --update-catalog
write | journalctl --setup-keys
write: journalctl --cursor-file | journalctl --cursor-file=/x
read: journalctl -M | journalctl -M x
read | sysctl -a
read | sysctl -n kernel.hostname
write: sysctl -p | sysctl -p /host/x
write: sysctl --system | sysctl --system
write | sysctl -w a=b
write | sysctl -q a=b
read | iptables -L INPUT -n
read | iptables -t raw -vnL
read | iptables -S
read | iptables -C INPUT -j DROP
read | ip6tables-save -t nat
read | iptables-legacy -L
read | iptables-nft -nvL
write | iptables -D INPUT 1
write | iptables -I INPUT -j DROP
write | iptables -R INPUT 1 -j DROP
write | iptables -N x
write | iptables -X
write | iptables -E a b
write | iptables -Z
write | iptables --append INPUT -j DROP
write | iptables --flush
write | ip6tables -F
write | iptables-legacy -F
write | iptables-legacy-restore
read | nft list tables
read | nft -a list chain ip filter INPUT
read | nft monitor
write | nft delete table x
write | nft insert rule x
write | nft replace rule x
write | nft create table x
write | nft reset counters
write | nft import ruleset
write | nft -D x=y list ruleset
read | head -n 5 /host/etc/hosts
read | tail -f /host/var/log/syslog
read | ls -la /host
write | ls --frobnicate
write | cat --frobnicate /host/x
filter | head -c 10
filter | grep -v x
filter | jq .a
read: jq -L | jq -L /host/x .
read: jq --slurpfile | jq --slurpfile a /host/x .
`

/** Words and verdict of each row. */
export const rows = table
  .trim()
  .split('\n')
  .map((line) => {
    const [said = '', ...words] = line.split(' | ')
    return [words.join(' | '), said] as const
  })
