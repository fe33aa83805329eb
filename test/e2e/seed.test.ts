import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { nodeExec } from '#dev/dev-cluster/node'
import { useCluster } from '#test/environment/cluster'
import { debugPods } from '#test/environment/debug-pods'
import { useRedis } from '#test/environment/redis'
import { hardenedNamespace } from '#test/environment/test-cluster'
import { shown } from '#test/fakes/slack/shown'
import { type App, openApp } from '#test/flow/app'
import { waitUntil } from '#test/flow/wait-for'

/** Number of rows that run concurrently: the one that is checked, and those after it. */
const atOnce = 6

let flow: App
// Declared before `useRedis`, whose hook would otherwise stop Redis first: hooks run in the order of declaration.
afterAll(() => flow.end())
const redis = useRedis()
const cluster = useCluster()

const policy = `
capabilitySets:
  probe: { tools: [ping, dig, nslookup, drill, nc, curl, wget, openssl, traceroute, ip, ss] }
  netfilter: { tools: [iptables, nft, conntrack, ipset, ebtables, mtr, tcpdump, traceroute, ping], capabilities: [NET_ADMIN, NET_RAW] }
  host-read: { tools: [chroot, systemctl, journalctl, sysctl, ip, cat, ls, tail, head, iptables, ps], capabilities: [SYS_CHROOT], host: { filesystem: read-only, pid: true } }
  kernel: { tools: [bpftool, bpftrace], capabilities: [BPF, NET_ADMIN, PERFMON, SYS_ADMIN] }
  sockets: { tools: [ss, lsof], capabilities: [SYS_PTRACE], host: { pid: true } }
  node-firewall: { tools: [chroot, iptables], capabilities: [NET_ADMIN, NET_RAW, SYS_CHROOT], host: { filesystem: read-only } }
grants: [{ to: [bob@example.com], sets: [probe, netfilter, host-read, kernel, sockets, node-firewall], on: [{ nodes: '*' }, { namespaces: '*' }] }]`

/** Names in rows, each with the name that replaces it in this run of the file. */
let names: readonly (readonly [string, string])[]

beforeAll(async () => {
  const own = cluster()
  // A symbolic link that leads out of /host, as resolv.conf is on Azure's nodes.
  const [link, target] = [`/var/tmp/${own.namespace}-link`, `/run/${own.namespace}-target`]
  const [seed, open] = await Promise.all([
    hardenedNamespace(own, 'seed'),
    hardenedNamespace(own, 'open', 'privileged'),
    openProgram(),
    nodeExec('node001', ['sh', '-c', `echo inside > ${target}; ln -sf ${target} ${link}`]),
  ])
  names = [
    ['-n seed-open ', `-n ${open} `],
    ['-n seed ', `-n ${seed} `],
    ['/etc/seed-link', link],
  ]
})
afterAll(async () => {
  const { namespace } = cluster()
  await nodeExec('node001', ['rm', '-f', `/var/tmp/${namespace}-link`, `/run/${namespace}-target`])
})

async function openProgram(): Promise<void> {
  flow = await openApp({
    redis: redis.url(),
    ...cluster().settings,
    policy,
    keep: true,
    more: `limits: { perPerson: 1000, perChannel: 1000, perNode: ${atOnce} }`,
  })
}

const answers = new Map<string, Promise<string>>()

/** Returns the result of a row. Starts the rows after it as well, so that containers start concurrently. */
function answerTo(typed: string): Promise<string> {
  const at = rows.findIndex(([each]) => each === typed)
  for (const [next] of rows.slice(at, at + atOnce)) {
    if (answers.has(next)) continue
    const answer = ask(next, `C0ROW${answers.size}`)
    // The test that awaits this row reports the error.
    answer.catch(() => undefined)
    answers.set(next, answer)
  }
  return answers.get(typed) ?? Promise.reject(new Error(`no row: ${typed}`))
}

/** Runs a row in a channel of its own, which then has this row's messages only. */
async function ask(row: string, channel: string): Promise<string> {
  const { slack, people } = flow
  slack.state.channels.set(channel, { member: true, archived: false })
  const typed = names.reduce((text, [name, own]) => text.replace(name, own), row)
  await people.command('U0BOB', typed, channel)
  const read = () =>
    slack.state.messages
      .filter((message) => message.channel === channel)
      .map(shown)
      .join('\n')
  const over = /^(:white_check_mark:|:warning:|:x:)|I did not understand/m
  await waitUntil(
    `"${typed}" has ended`,
    () => over.test(read()),
    // Slack takes 50 edits a minute, results before all others: on a busy machine more progress is shown, and a result waits for its turn.
    { seconds: 180, instead: () => [read(), ...flow.logs.slice(-12)].join('\n') },
  )
  return read()
}

// The seed's examples, in its order. Addresses and names are those of the development cluster: 10.10.0.12 is node002,
// 10.96.0.1 the API server.
const rows: readonly [string, RegExp][] = [
  // Testing connectivity
  [
    'shell node001 ping 10.10.0.12',
    /icmp_seq=5 ttl=\d+ time=[\d.]+ ms\n\n--- 10\.10\.0\.12 ping statistics ---\n5 packets transmitted, 5 received, 0% packet loss/,
  ],
  ['shell -n seed pods/web-1 ping 10.10.0.12', /5 packets transmitted, 5 received, 0% packet loss/],
  ['shell node001 dig example.com +short', /Done[\s\S]*\n93\.184\.215\.14\n/],
  ['shell -n seed pods/web-1 dig example.com +short', /Done[\s\S]*\n93\.184\.215\.14\n/],
  ['shell node001 nslookup example.com', /Address: 93\.184\.215\.14/],
  ['shell node001 drill example.com', /example\.com\.\s+\d+\s+IN\s+A\s+93\.184\.215\.14/],
  [
    'shell node001 nc -zv 10.96.0.1 443',
    /Ncat: Connected to 10\.96\.0\.1:443\.\nNcat: 0 bytes sent, 0 bytes received in [\d.]+ seconds\./,
  ],
  ['shell -n seed pods/web-1 nc -zv 10.96.0.1 443', /Ncat: Connected to 10\.96\.0\.1:443\./],
  [
    'shell node001 curl -k https://10.96.0.1',
    /"kind": "Status",[\s\S]*"message": "Unauthorized",\n\s+"reason": "Unauthorized",\n\s+"code": 401/,
  ],
  ['shell -n seed pods/web-1 curl -k https://10.96.0.1', /"reason": "Unauthorized"/],
  // nftables and iptables
  [
    'shell node001 --capabilities NET_ADMIN,NET_RAW iptables -nvL | head -n 2',
    /Chain INPUT \(policy ACCEPT \S+ packets, \S+ bytes\)\n pkts bytes target {5}prot opt in/,
  ],
  ['shell node001 iptables -nvL | head -n 2', /Chain INPUT[\s\S]*Added: NET_ADMIN and NET_RAW for iptables/],
  [
    'shell node001 --capabilities NET_ADMIN,NET_RAW nft list ruleset | head -n 2',
    /Done[\s\S]*\n(# Warning: )?table (ip|inet) [\s\S]*/,
  ],
  ['shell node001 nft list ruleset | head -n 2', /Done[\s\S]*\n(# Warning: )?table (ip|inet) /],
  [
    'shell node001 -c NET_RAW iptables -nvL',
    /(you must be root)[\s\S]*Hint: It needs capabilities: add -c NET_ADMIN,NET_RAW/,
  ],
  ['shell node001 iptables-legacy -nvL | head -n 1', /Chain INPUT/],
  ['shell node001 chroot /host iptables -V', /iptables v1\.\d+\.\d+ \((nf_tables|legacy)\)/],
  [
    'shell -n seed-open pod/web-1 iptables -nvL | head -n 2',
    /Chain INPUT \(policy ACCEPT \S+ packets, \S+ bytes\)\n pkts bytes target/,
  ],
  ['shell -n seed-open pod/web-1 nft list ruleset | head -n 2', /Done, exit code 0/],
  // Accessing the host filesystem
  ['shell node001 --mount-host-filesystem ls /host', /\nbin\n[\s\S]*\netc\n[\s\S]*\nusr\nvar\n/],
  ['shell node001 ls /host', /\netc\n[\s\S]*Added: the node's file system under \/host, read-only, for ls/],
  [
    'shell -m node001 cat /host/etc/seed-link',
    /No such file or directory[\s\S]*Hint: If it is a symbolic link on the node[\s\S]*chroot \/host cat/,
  ],
  // Chroot to the host filesystem
  [
    'shell node001 --mount-host-filesystem --capabilities SYS_CHROOT chroot /host cat /etc/resolv.conf | tail -n 2',
    /\nnameserver \S+/,
  ],
  ['shell node001 chroot /host cat /etc/seed-link', /\ninside\n/],
  // T36: a read-only mount is read-only below its submounts too, and hides the container runtime's socket.
  ['shell node001 ls /host/run/containerd', /Done, exit code 0[\s\S]*The tool wrote no output/],
  ['shell node001 chroot /host ls /run/containerd', /Done, exit code 0[\s\S]*The tool wrote no output/],
  ['shell node001 chroot /host bash', /I did not understand that[\s\S]*Name the tool itself/],
  ['shell node001 sysctl net.ipv4.ip_forward', /\nnet\.ipv4\.ip_forward = 1\n/],
  ['shell node001 chroot /host sysctl -n net.ipv4.ip_forward', /\n1\n/],
  ['shell node001 journalctl -u kubelet -n 3', /kubelet/],
  ['shell node001 ip netns list', /Added: `chroot \/host` before ip[\s\S]*SYS_CHROOT for ip/],
  ['shell node001 chroot /host ip netns', /Done, exit code 0/],
  [
    'shell node001 ip netns exec x ip addr',
    /does not work from a debug pod[\s\S]*Name the pod that the namespace belongs to/,
  ],
  // Systemctl
  [
    'shell node001 --mount-host-filesystem --capabilities SYS_CHROOT --host-pid chroot /host systemctl status | head -n 2',
    /● node001\n {4}State: (running|degraded|starting)/,
  ],
  ['shell node001 systemctl status kubelet', /Active: active \(running\)/],
  [
    'shell -m -c SYS_CHROOT node001 chroot /host systemctl status',
    /Failed to connect to (system scope )?bus|System has not been booted[\s\S]*Hint: It talks to the node's systemd: that needs --host-pid/,
  ],
  ['shell -m node001 chroot /host ip addr', /Operation not permitted[\s\S]*Hint: chroot needs -m -c SYS_CHROOT/],
  // Troubleshooting
  ['shell --timeout 10m node001 ping -c 1 127.0.0.1', /1 packets transmitted, 1 received/],
  // Well-known errors of the guides and the tools, provoked for real, with the hint under them
  ['shell node001 curl -sS http://nosuch.invalid', /curl: \(6\)[\s\S]*Hint: The name was not resolved \(curl 6\)/],
  ['shell node001 curl -sS http://127.0.0.1:1', /curl: \(7\)[\s\S]*Hint: No connection \(curl 7\)/],
  [
    'shell node001 curl -sS https://10.96.0.1',
    /curl: \(60\)[\s\S]*Hint: The server's certificate isn't trusted here \(curl 60\)/,
  ],
  ['shell node001 curl -sS -m 2 http://93.184.215.14', /curl: \(28\)[\s\S]*Hint: It took too long \(curl 28\)/],
  ['shell node001 curl -sS https://127.0.0.1:10248', /curl: \(35\)[\s\S]*Hint: The TLS handshake failed \(curl 35\)/],
  [
    'shell node001 dig @127.0.0.1 +time=1 +tries=1 example.com',
    /Hint: (The name server could not be reached|No name server answered)/,
  ],
  ['shell node001 dig @nosuch.invalid example.com', /Hint: The name after @ does not resolve/],
  ['shell node001 nslookup nosuch.invalid', /NXDOMAIN[\s\S]*Hint: The name server does not know this name/],
  ['shell node001 nc -zv 127.0.0.1 1', /Connection refused[\s\S]*Hint: The host answers, but nothing listens/],
  ['shell node001 ping -c 1 nosuch.invalid', /Name or service not known[\s\S]*Hint: The name was not resolved/],
  [
    'shell node001 openssl s_client -connect 127.0.0.1:1',
    /Connection refused[\s\S]*Hint: The host answers, but nothing listens/,
  ],
  [
    'shell node001 openssl s_client -connect 127.0.0.1:10248',
    /Hint: Something is on that port, but it does not speak TLS/,
  ],
  ['shell node001 wget -qO- http://nosuch.invalid', /Failed, exit code 4/],
  ['shell node001 tcpdump -i nosuch -c 1', /No such device exists[\s\S]*Hint: There is no such interface here/],
  ['shell -c NET_ADMIN node001 tcpdump -c 1', /don't have permission[\s\S]*Hint: Capturing needs -c NET_RAW/],
  ['shell node001 traceroute -n -m 2 10.10.0.12', /10\.10\.0\.12 {2}[\d.]+ ms/],
  [
    'shell -n seed pod/web-1 traceroute -T 10.10.0.12',
    /PodSecurity level "restricted"[\s\S]*Hint: [\s\S]*shell node00\d traceroute -T 10\.10\.0\.12/,
  ],
  // Limitations
  ['shell node001 bpftool prog show', /Done, exit code 0/],
  [
    "shell node001 bpftrace -l 'tracepoint:syscalls:sys_enter_openat'",
    /tracepoint:syscalls:sys_enter_openat|No such file|tracefs/,
  ],
  ['shell node001 nsenter -t 1 -n ip addr', /nsenter enters namespaces of other processes[\s\S]*pod\/NAME/],
  ['shell -m -n seed pod/web-1 ls /host', /is for nodes; a pod has no access to its node/],
]

test.each(rows)('%s', async (typed, expected) => {
  expect(await answerTo(typed)).toMatch(expected)
})

test('no debug pod is left after all rows', async () => {
  await waitUntil('no debug pod is left', async () => (await debugPods(cluster())).length === 0)
})
