import { expect, test } from '@jest/globals'
import type { Cluster, DebugProcess, DebugRun } from '#core/ports/cluster'
import type { Session } from '#core/sessions/session'
import { nodeExec } from '#dev/dev-cluster/node'
import { parse } from '#src/command/parse'
import { type Plan, plan } from '#src/command/plan'
import { catalogue } from '#src/tools/index'
import { useCluster } from '#test/environment/cluster'
import { portTo } from '#test/environment/cluster-port'
import { useMachineLock } from '#test/environment/machine-lock'
import { sampleRun } from '#test/samples/run'
import { rows } from '#test/tools/table'

// Changes that one test makes to the node would show up in the other's comparison.
useMachineLock('state-of-node001')
const cluster = useCluster()

/** Number of tools that run concurrently. */
const atOnce = 16

const counters = String.raw`sed -E 's/\[[0-9]+:[0-9]+\]//; s/packets [0-9]+ bytes [0-9]+//'`

/**
 * State of the node that a network tool could change: packet filter, links, addresses, routes, kernel settings, files.
 * Rules of pods that come and go are left out; debug pods have none, since they use the node's network.
 */
const parts = {
  rules: `nft list ruleset 2>/dev/null | ${counters} || iptables-save | grep -v '^#' | ${counters}`,
  links: `ip -o link | grep -v veth | sed -E 's/<[^>]*>//; s/(qdisc|state).*//'`,
  addresses: 'ip -o addr | grep -v veth | sed "s/valid_lft.*//"',
  routes: 'ip route show table all | sed "s/ linkdown//" | grep -v veth; ip rule',
  neighbours: 'ip neigh show nud permanent',
  settings:
    'sysctl -a 2>/dev/null | grep -E "^(net|vm|kernel)\\." | grep -vE "random|count|_nr|usage|ns_last_pid|pty.nr|stat|entropy|tainted|perf|veth"',
  files: 'find /etc /usr/local /root -xdev -type f -exec sha256sum {} + | sort -k 2',
  services: 'systemctl list-units --type=service --state=running --no-legend --plain | cut -d " " -f 1',
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

const containers = new Map<string, Promise<Session>>()

/** Starts a tool in a container with exactly the rights that it needs: the first tool creates it, others with the same needs reuse it. */
async function begin(port: Cluster, work: DebugRun): Promise<DebugProcess> {
  const never = new AbortController().signal
  const { capabilities, host, user } = work.spec
  const key = JSON.stringify([capabilities.toSorted(), host, user])
  const ready = containers.get(key)
  if (ready !== undefined) {
    const process = await port.execInSession(work, await ready, 'begin', never)
    if (process === undefined) throw new Error(`${work.id} could not be begun in ${(await ready).pod}`)
    return process
  }
  const process = port.launch({ ...work, stay: { idle: 120, life: 600 } }, never)
  const until = new Date(Date.now() + 600_000).toISOString()
  const session = process.started.then(
    (where) => ({ ...where, until, cluster: port.name, kind: 'node', run: work.id }) as const,
  )
  containers.set(key, session)
  return process
}

test('T11 tools that count as reading change nothing: every such row of the table, run on a real node', async () => {
  const port = portTo(cluster())
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
      const full = { ...spec, namespace, image, node: 'node001', deadline: 2, pipeline: argv, capabilities, host, user }
      const process = await begin(port, { id: `read${number}`, spec: full, by: request.by })
      for await (const _chunk of process.output);
      const { reason } = await process.ended
      await process.remove()
      if (reason === 'completed' || reason === 'failed' || reason === 'deadline') started.push(lines[number] ?? '')
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  for (const ready of containers.values()) await port.end(await ready)
  expect(started.toSorted()).toEqual(lines.toSorted())
  expect(await stateOfNode()).toEqual(before)
}, 400_000)

test('changes would be noticed: the comparison finds a rule, an address, a setting and a file', async () => {
  const before = await stateOfNode()
  const changes = [
    ['rules', 'nft add table ip seen', 'nft delete table ip seen'],
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
}, 60_000)
