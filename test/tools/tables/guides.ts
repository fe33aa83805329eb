/** Tools of guides on paths, neighbours, load balancing, tunnels, clocks and files. Format of a row: `test/tools/table.ts`. */
export const guides = `
read | tracepath 10.10.0.12
read | tracepath -n -m 3 10.10.0.12
read | tracepath -b -l 1400 -p 33434 10.10.0.12
read | tracepath -V
write | tracepath --frobnicate 10.10.0.12
read | arping -c 1 10.10.0.12
read | arping 10.10.0.12
read | arping -f -w 1 10.10.0.12
read | arping -b -c 1 -I eth0 10.10.0.12
read | arping -D -c 1 -I eth0 10.10.0.12
write | arping -U -I eth0 10.10.0.11
write | arping -A -c 1 -I eth0 10.10.0.11
write | arping -Uc1 -I eth0 10.10.0.11
write | arping -s 10.10.0.99 -c 1 10.10.0.12
write | arping --frobnicate 10.10.0.12
read | ipvsadm
read | ipvsadm -Ln
read | ipvsadm -ln
read | ipvsadm -L -n --stats --rate
read | ipvsadm -Lnc
read | ipvsadm -L --timeout
read | ipvsadm --list --numeric -t 10.96.0.1:443
read | ipvsadm -Sn
write | ipvsadm -A -t 10.96.0.1:443 -s rr
write | ipvsadm -a -t 10.96.0.1:443 -r 10.10.0.1:6443 -m
write | ipvsadm -C
write | ipvsadm -Z
write | ipvsadm -L -Z
write | ipvsadm -LC
write | ipvsadm -R
write | ipvsadm --set 10 10 10
write | ipvsadm --start-daemon master
write: ipvsadm --lis | ipvsadm --lis
read | wg
read | wg show
read | wg show all
read | wg show interfaces
read | wg show wg0 peers
read | wg show all latest-handshakes
read: wg show private-key | wg show wg0 private-key
read: wg show preshared-keys | wg show all preshared-keys
read: wg show dump | wg show all dump
read: wg showconf | wg showconf wg0
write: wg set | wg set wg0 listen-port 51820
write: wg setconf | wg setconf wg0 /x
write: wg addconf | wg addconf wg0 /x
write: wg syncconf | wg syncconf wg0 /x
write: wg frobnicate | wg frobnicate
write: wg show frobnicate | wg show wg0 frobnicate
read | sar
read | sar 1
read | sar 1 2
read | sar -n DEV 1 1
read | sar -n TCP,ETCP 1 1
read | sar -u ALL -P ALL 1 1
read | sar -q 0
read | sar -V
read: sar -f | sar -f /var/log/sysstat/sa01
write: sar -o | sar -o /x 1 1
write: sar -o | sar -o 1 1
write: sar --frobnicate | sar --frobnicate 1 1
read | iostat
read | iostat -xz 1
read | iostat -xz sda 1 2
read | iostat -p sda -k 1 1
write: iostat --frobnicate | iostat --frobnicate
read | pidstat
read | pidstat 1
read | pidstat -p 1 -d 1 1
read | pidstat -C kube -rut 1 1
write: pidstat -e | pidstat -e /host/usr/bin/id
write: pidstat --frobnicate | pidstat --frobnicate
read | chronyc -n sources
read | chronyc activity
write | chronyc makestep
write | chronyc burst 1/2
write: chronyc -h | chronyc -h 10.10.0.12 tracking
read | timedatectl
read | timedatectl status
read | timedatectl show -p NTPSynchronized --value
read | timedatectl list-timezones
write | timedatectl set-time 12:00
write | timedatectl set-timezone UTC
write | timedatectl set-ntp true
write | timedatectl set-ntp
write: timedatectl frobnicate | timedatectl frobnicate
read: timedatectl -H | timedatectl -H 10.10.0.12
refused | timedatectl --monitor
read | file /host/usr/bin/env
read | file -b --mime-type /host/etc/hostname
read | file /proc/version
filter | file -
filter | file -bi -
refused | file /usr/bin/env
write | file -p /host/etc/hostname
write: file -C | file -C
write: file -C, file -m | file -C -m /host/x
read: file -m | file -m /host/x /host/y
read: file -f | file -f /host/x
read: file -z | file -z /host/x.gz
read: file -s | file -s /host/dev/sda
write: file --frobnicate | file --frobnicate /host/x
`
