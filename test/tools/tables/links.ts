/** Links, addresses and routes. Format of a row: `test/tools/table.ts`. */
export const links = `
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
write: ip frobnicate | ip frobnicate show
write: ip -frobnicate | ip -frobnicate addr
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
write: ethtool -f | ethtool -f eth0 firmware
write | ethtool -p eth0
write | ethtool -r eth0
write | ethtool -t eth0
write | ethtool --reset eth0 all
write | ethtool --set-eee eth0 eee off
write: ethtool --frobnicate | ethtool --frobnicate eth0
write: ethtool -w data | ethtool -w eth0 data x
write: ethtool eth0 | ethtool eth0 frobnicate now
read | ip xfrm policy
read | ip xfrm policy list
read | ip x p
write | ip xfrm policy flush
write | ip xfrm policy deleteall
read | ip xfrm
write: ip xfrm | ip xfrm state
write: ip xfrm | ip xfrm state count
write: ip xfrm | ip xfrm s
write: ip xfrm | ip xfrm monitor
`
