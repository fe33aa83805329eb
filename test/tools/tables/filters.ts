/** Packet filters. Format of a row: `test/tools/table.ts`. */
export const filters = `
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
write: ipset --unknown | ipset --unknown
write: ipset frobnicate | ipset frobnicate list
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
`
