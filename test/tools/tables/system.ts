/** Counters, addresses, processes, disks and clocks, in tools that guides use. Format of a row: `test/tools/table.ts`. */
export const system = `
read | nstat
read | nstat -az
read | nstat -az TcpExtListenDrops
read | nstat -s
read | nstat --json
write | nstat -d 5
write | nstat -r
write: nstat --frobnicate | nstat --frobnicate
read | tc qdisc
read | tc qdisc show dev eth0
read | tc -s qdisc ls
read | tc -s -d qdisc show
read | tc q s
read | tc class show dev eth0
read | tc filter show dev eth0 ingress
read | tc chain show dev eth0
read | tc actions ls action gact
read | tc -V
write | tc qdisc add dev eth0 root netem delay 100ms
write | tc qdisc del dev eth0 root
write | tc q a dev eth0 root netem
write | tc qdisc l dev eth0
write | tc qdisc replace dev eth0 root fq
write | tc filter add dev eth0 ingress bpf obj /x
write | tc f del dev eth0
write | tc actions flush action gact
write: tc -batch | tc -b /host/x
write: tc -batch | tc -batch /host/x
write: tc -force, tc -batch | tc -force -b /host/x
read: tc -netns | tc -n x qdisc
read: tc -cf | tc -c /host/x qdisc
write: tc monitor | tc monitor file /host/x
write: tc exec | tc exec bpf import /x run sh
write: tc exec | tc e bpf import /x run sh
write: tc frobnicate | tc frobnicate
read | bridge link
read | bridge -s link show
read | bridge fdb show dev vxlan1
read | bridge fdb get 00:00:00:00:00:01 br br0
read | bridge vlan show
read | bridge vlan global show
read | bridge -j mdb
write | bridge fdb add 00:00:00:00:00:01 dev eth0
write | bridge fdb flush dev eth0
write | bridge fdb del 00:00:00:00:00:01 dev eth0
write | bridge link set dev eth0 state 0
write | bridge vlan del dev eth0 vid 2
write | bridge vlan global set vid 1 dev br0
write: bridge -batch | bridge -b /host/x
read: bridge -netns | bridge -n x link
write: bridge monitor | bridge monitor file /host/x
read | arp
read | arp -an
read | arp -n -i eth0
read | arp -e 10.0.0.1
write | arp -d 10.0.0.1
write | arp -s 10.0.0.1 00:00:00:00:00:01
write: arp -f | arp -f /host/x
write: arp -f | arp -nf /host/x
write: arp --frobnicate | arp --frobnicate
read | route
read | route -n
read | route -ne
read | route -6n
write | route add default gw 10.0.0.1
write | route -n del default
write | route --frobnicate
read | ifconfig
read | ifconfig -a
read | ifconfig eth0
read | ifconfig -v eth0
write | ifconfig eth0 down
write | ifconfig eth0 10.0.0.9
write | ifconfig eth0 up
read | host example.org
read | host -t srv _http._tcp.example.org
read | host -a example.org 10.0.0.10
refused | host
refused | host -v
read | getent hosts example.org
read | getent ahosts example.org
read | getent passwd root
read: getent -s | getent -s files hosts
read: getent -s | getent --service=../x hosts
read | df
read | df -h
read | df -hT /var
write | df --sync
write: df --frobnicate | df --frobnicate
read | free -m
read | free -s 1
read | uptime
read | uptime -p
read | uname -a
read | date
read | date -u +%FT%TZ
read | date -d yesterday
read: date -f | date -f /host/etc/shadow
read: date -f | date --file=/host/etc/shadow
read: date -r | date -r /host/etc/shadow
write | date -s 2020-01-01
write | date --set=2020-01-01
write | date 010100002020
write: date --frobnicate | date --frobnicate
read | dmesg
read | dmesg -T
read | dmesg -w
write | dmesg -C
write | dmesg -c
write | dmesg -Tc
write | dmesg -n 1
write | dmesg --console-off
read: dmesg -F | dmesg -F /host/x
read: dmesg -K | dmesg -K /host/x
write: dmesg --frobnicate | dmesg --frobnicate
read | pgrep -a kubelet
read | pgrep -f kube-proxy
read: pgrep -F | pgrep -F /host/x
read: pgrep --env | pgrep --env=TOKEN x
write: pgrep --frobnicate | pgrep --frobnicate x
read | pidof kubelet
read | vmstat
read | vmstat 1
read | vmstat -w 1 3
read | hostname
read | hostname -I
write | hostname x
write: hostname -F | hostname -F /host/x
filter | zcat
read | zcat /host/var/log/x.gz
write: zcat -o | zcat -o /x
filter | awk '{print $1}'
filter | awk '{ print $1, $3 }'
filter | awk -F: '{print $1}'
filter | awk -F : '{print $NF}'
filter | awk '/ESTAB/ {print $5}'
filter | awk '$6 == "LISTEN" {print $4}'
filter | awk 'NR>1'
filter | awk '/Drops/'
filter | awk '$2 ~ /^10/ {print $2 " " $3}'
filter | awk '{print $(NF-1)}'
read | awk '{print $1}' /host/etc/passwd
write | awk '{print > "/tmp/x"}'
write | awk '{print $1 > "/tmp/x"}'
write | awk '{print $1 | "sh"}'
write | awk 'BEGIN {system("id")}'
write | awk '{system($1)}'
write | awk '{print $1; system("id")}'
write | awk '"id" | getline'
write | awk '{print "x" > "/tmp/y"}'
write | awk '{print "\\\\" > "y" "z"}'
write | awk '/x/ {print} BEGIN {system("id")}'
write | awk -f /host/x
write | awk -v x=1 '{print $1}'
`
