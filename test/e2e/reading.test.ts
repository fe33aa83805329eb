import { expect, test } from '@jest/globals'
import { nodeExec } from '#dev/dev-cluster/node'
import { parse } from '#src/command/parse'
import { type Plan, plan } from '#src/command/plan'
import { catalogue } from '#src/tools/index'
import { useCluster } from '#test/environment/cluster'
import { portTo } from '#test/environment/cluster-port'
import { nodeStateLock, useMachineLock } from '#test/environment/machine-lock'
import { type Made, servicesWritten } from '#test/environment/test-cluster'
import { warmTools } from '#test/environment/warm-tools'
import { sampleRun } from '#test/samples/run'
import { rows } from '#test/tools/table'

// Changes that another test makes to the node would show up in the comparison.
useMachineLock(nodeStateLock)
const cluster = useCluster()

/** Number of tools that run concurrently. */
const atOnce = 16

const counters = String.raw`sed -E 's/\[[0-9]+:[0-9]+\]//; s/packets [0-9]+ bytes [0-9]+//'`

/** Leaves out what kube-proxy writes for Services of other tests: elements of its sets and maps, chains of their Services. */
const otherServices = String.raw`awk '
  /^table /                 { ours = $3 == "kube-proxy" }
  ours && /^\t\telements = /  { element = 1 }
  ours && /^\tchain .*-retina-/ { chain = 1 }
  !element && !chain && NF  { print }
  /}$/                      { element = 0 }
  /^\t}$/                   { chain = 0 }'`

/**
 * State of the node that a network tool could change: packet filter, links, addresses, routes, kernel settings, files.
 * Rules of pods and Services that come and go are left out; debug pods have none, since they use the node's network.
 */
const parts = {
  rules: `nft list ruleset | ${counters} | ${otherServices}`,
  links: `ip -o link | grep -v veth | sed -E 's/<[^>]*>//; s/(qdisc|state).*//'`,
  addresses: 'ip -o addr | grep -v veth | sed "s/valid_lft.*//"',
  routes: 'ip route show table all | sed "s/ linkdown//" | grep -v veth; ip rule',
  neighbours: 'ip neigh show nud permanent',
  settings:
    'sysctl -a 2>/dev/null | grep -E "^(net|vm|kernel)\\." | grep -vE "random|count|_nr|usage|ns_last_pid|pty.nr|stat|entropy|tainted|perf|veth"',
  files: 'find /etc /usr/local /root -xdev -type f -exec sha256sum {} + | sort -k 2',
  // D-Bus starts systemd-timedated for half a minute when `timedatectl` asks it; the test of shells, which may run at
  // the same time, starts units named t36-….
  services:
    'systemctl list-units --type=service --state=running --no-legend --plain | cut -d " " -f 1 | grep -vE "timedated|^t36-"',
}
type Part = keyof typeof parts

const stateOf = (part: Part) => nodeExec('node001', ['sh', '-c', parts[part]])

async function stateOfNode(): Promise<Record<string, string>> {
  const states = (Object.keys(parts) as Part[]).map(async (part) => [part, await stateOf(part)] as const)
  return Object.fromEntries(await Promise.all(states))
}

function planned(line: string): Plan {
  const command = parse({ text: `shell node001 -- ${line}` }, catalogue)
  if (command.verb !== 'shell') throw new Error(line)
  const made = plan(command, catalogue, { repo: 'x', version: 'y' })
  if ('verb' in made) throw new Error(`${line}: ${made.message}`)
  return made
}

test('T11 tools that count as reading change nothing: every such row of the table, run on a real node', async () => {
  const tools = warmTools(portTo(cluster()))
  const { spec, request } = sampleRun()
  const lines = rows.filter(([, verdict]) => verdict === 'read').map(([line]) => line)
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
      const { namespace } = cluster()
      const image = 'localhost/retina-chatops/shell:dev'
      // No tool is ended before its deadline: a node's journal may be long.
      const limits = { deadline: 2, maxOutputBytes: 100_000_000 }
      const full = { ...spec, ...limits, namespace, image, node: 'node001', pipeline: argv, capabilities, host, user }
      const process = await tools.begin({ id: `read${number}`, spec: full, by: request.by })
      for await (const _chunk of process.output);
      const { reason } = await process.ended
      await process.remove()
      if (reason === 'completed' || reason === 'failed' || reason === 'deadline') started.push(lines[number] ?? '')
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  await tools.end()
  expect(started.toSorted()).toEqual(lines.toSorted())
  expect(await stateOfNode()).toEqual(before)
}, 900_000)

test('changes would be noticed: the comparison finds a rule, an address, a setting and a file', async () => {
  const before = await stateOfNode()
  const changes = [
    ['rules', 'nft add table ip seen', 'nft delete table ip seen'],
    ['rules', 'nft add chain ip kube-proxy seen', 'nft delete chain ip kube-proxy seen'],
    ['links', 'ip link add seen0 type bridge', 'ip link del seen0'],
    ['addresses', 'ip addr add 192.0.2.9/32 dev lo', 'ip addr del 192.0.2.9/32 dev lo'],
    ['routes', 'ip route add blackhole 192.0.2.8/32', 'ip route del blackhole 192.0.2.8/32'],
    ['settings', 'sysctl -qw net.ipv4.ip_default_ttl=63', 'sysctl -qw net.ipv4.ip_default_ttl=64'],
    ['files', 'echo x > /etc/seen', 'rm /etc/seen'],
    ['services', 'systemd-run --quiet --unit=seen sleep 600', 'systemctl stop seen'],
  ] as const
  for (const [part, change, undo] of changes) {
    await nodeExec('node001', ['sh', '-c', change])
    const after = await stateOf(part)
    await nodeExec('node001', ['sh', '-c', undo])
    expect(before[part]).not.toBe('')
    expect([part, after === before[part]]).toEqual([part, false])
  }
})

test('Services of other tests do not show up in the comparison', async () => {
  const { namespace } = cluster()
  const before = await stateOf('rules')
  const service = (name: string, address: string): Made[] => [
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports: [{ port: 80 }] } } as Made,
    {
      ...{ apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType: 'IPv4' },
      metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } },
      ...{ ports: [{ port: 80 }], endpoints: address === '' ? [] : [{ addresses: [address] }] },
    } as Made,
  ]
  await cluster().create([...service('leads-somewhere', '10.244.1.200'), ...service('no-endpoint', '')])
  await servicesWritten(namespace, ['leads-somewhere'], ['no-endpoint'])
  expect(await stateOf('rules')).toBe(before)
})
