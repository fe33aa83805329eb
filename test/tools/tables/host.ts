/** The node's own services, kernel and files. Format of a row: `test/tools/table.ts`. */
export const host = `
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
write: bpftool --frobnicate | bpftool --frobnicate prog
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
write: systemctl edit | systemctl edit x
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
