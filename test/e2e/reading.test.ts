import { expect, test } from '@jest/globals'
import { nodeExec } from '#deploy/dev-cluster/node'
import { parse } from '#src/command/parse'
import { type Plan, plan } from '#src/command/plan'
import { catalogue } from '#src/tools/index'
import { useCluster } from '#test/real/cluster'
import { portTo } from '#test/real/port'
import { sampleRun } from '#test/samples/run'
import { rows } from '#test/tools/table'

const cluster = useCluster()

/** How many tools run at a time. */
const atOnce = 10

/** All of the node that a network tool could change: packet filter, links, addresses, routes, kernel settings, files. */
async function stateOfNode(): Promise<Record<string, string>> {
  const script = (text: string) => nodeExec('node001', ['sh', '-c', text])
  const counters = String.raw`sed -E 's/\[[0-9]+:[0-9]+\]//; s/packets [0-9]+ bytes [0-9]+//'`
  // Pods that come and go have rules of their own; those of the debug pods don't, since they use the node's network.
  return {
    rules: await script(`nft list ruleset 2>/dev/null | ${counters} || iptables-save | grep -v '^#' | ${counters}`),
    links: await script(`ip -o link | grep -v veth | sed -E 's/<[^>]*>//; s/(qdisc|state).*//'`),
    addresses: await script('ip -o addr | grep -v veth | sed "s/valid_lft.*//"'),
    routes: await script('ip route show table all | sed "s/ linkdown//" | grep -v veth; ip rule'),
    neighbours: await script('ip neigh show nud permanent'),
    settings: await script(
      'sysctl -a 2>/dev/null | grep -E "^(net|vm|kernel)\\." | grep -vE "random|count|_nr|usage|ns_last_pid|pty.nr|stat|entropy|tainted|perf|veth"',
    ),
    files: await script('find /etc /usr/local /root -xdev -type f -exec sha256sum {} + | sort -k 2'),
    services: await script('systemctl list-units --type=service --state=running --no-legend --plain | cut -d " " -f 1'),
  }
}

function planned(line: string): Plan {
  const command = parse({ text: `shell node001 -- ${line}` }, catalogue)
  if (command.verb !== 'shell') throw new Error(line)
  const made = plan(command, catalogue, { repo: 'x', version: 'y' })
  if ('verb' in made) throw new Error(`${line}: ${made.message}`)
  return made
}

test('T11 what is called reading changes nothing: every such row of the table, run for real on a node', async () => {
  const { kubeconfig } = cluster()
  const port = portTo(kubeconfig)
  const { spec, request } = sampleRun()
  const lines = rows.filter(([, said]) => said === 'read').map(([line]) => line)
  expect(lines.length).toBeGreaterThan(100)
  const before = await stateOfNode()
  expect(before['settings']).toContain('net.ipv4.ip_forward')
  const started: string[] = []
  let next = 0
  const work = async () => {
    while (next < lines.length) {
      const number = next++
      const { pipeline, needs } = planned(lines[number] ?? '')
      const { capabilities, host, user } = needs
      const argv = pipeline.map((stage) => stage.argv)
      const image = 'localhost/retina-chatops/shell:dev'
      const full = { ...spec, image, node: 'node001', deadline: 2, pipeline: argv, capabilities, host, user }
      const process = port.launch({ id: `read${number}`, spec: full, by: request.by }, new AbortController().signal)
      for await (const _chunk of process.output);
      const { reason } = await process.ended
      await process.remove()
      if (reason === 'completed' || reason === 'failed' || reason === 'deadline') started.push(lines[number] ?? '')
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  expect(started.toSorted()).toEqual(lines.toSorted())
  expect(await stateOfNode()).toEqual(before)
}, 400_000)

test('what is called changing would be seen: the comparison finds a rule, an address, a setting and a file', async () => {
  const before = await stateOfNode()
  const changes = [
    ['rules', 'nft add table ip seen', 'nft delete table ip seen'],
    ['links', 'ip link add seen0 type bridge', 'ip link del seen0'],
    ['addresses', 'ip addr add 192.0.2.9/32 dev lo', 'ip addr del 192.0.2.9/32 dev lo'],
    ['routes', 'ip route add blackhole 192.0.2.8/32', 'ip route del blackhole 192.0.2.8/32'],
    ['settings', 'sysctl -qw net.ipv4.ip_default_ttl=63', 'sysctl -qw net.ipv4.ip_default_ttl=64'],
    ['files', 'echo x > /etc/seen', 'rm /etc/seen'],
    [
      'services',
      'systemctl stop systemd-journald.socket systemd-journald-dev-log.socket systemd-journald',
      'systemctl start systemd-journald',
    ],
  ] as const
  for (const [part, change, undo] of changes) {
    await nodeExec('node001', ['sh', '-c', change])
    const after = await stateOfNode()
    await nodeExec('node001', ['sh', '-c', undo])
    expect(before[part]).not.toBe('')
    expect([part, after[part] === before[part]]).toEqual([part, false])
  }
}, 60_000)
