import type { Target } from '#core/request/target'
import { tools } from '#src/tools/index'

export type TargetKind = Target['kind']

/** Example of a tool, as its help shows it, at one kind of target. */
export type Row = { tool: string; example: string; place: TargetKind }

/** Every example of every tool, on a node and in a pod. */
export const rows: readonly Row[] = tools.flatMap(({ name, examples }) =>
  examples.flatMap((example) => (['node', 'pod'] as const).map((place) => ({ tool: name, example, place }))),
)

/** Addresses of the cluster in which examples are run. `neighbours`: of a host in the network of each place itself. */
export type Addresses = { peer: string; neighbours: Readonly<Record<TargetKind, string>> }

/** What placeholders of all examples stand for. `PEER` is a pod that serves what examples ask for. */
const placeholders: readonly (readonly [RegExp, string])[] = [
  // No certificate of the test network is trusted.
  [/https:\/\/example\.org/g, 'http://PEER:8080'],
  // Only services have names by their addresses there.
  [/^(dig -x|host) 10\.224\.0\.4/g, '$1 10.96.0.1'],
  [/10\.0\.0\.10\b/g, '10.96.0.10'],
  [/10\.0\.0\.1\b/g, '10.96.0.1'],
  [/^(arping -D .*) 10\.224\.0\.4/g, '$1 UNUSED'],
  [/^(arping .*) 10\.224\.0\.4/g, '$1 NEIGHBOUR'],
  [/10\.224\.0\.4/g, 'PEER'],
  [/\/host\/var\/log\/syslog/g, '/host/etc/passwd'],
  [/\/host\/usr\/bin\/kubelet/g, '/host/usr/bin/systemctl'],
]

/** What placeholders stand for at one place: names of interfaces, ports and processes. */
const ofKind: Readonly<Record<TargetKind, readonly (readonly [RegExp, string])[]>> = {
  node: [
    [/\beth0\b/g, 'host0'],
    [/^(lsof .*):443/g, '$1:10250'],
    [/^(ss .*):443/g, '$1:6443'],
    [/--dport 443'$/g, "-j DROP'"],
    [/^(pgrep -a|pidof) kubelet/g, '$1 containerd'],
  ],
  pod: [[/^(pgrep -a|pidof) kubelet/g, '$1 retina-run']],
}

/** Fills the placeholders of an example: addresses and names of the development cluster, whose only public name is `example.org`. */
export function fillExample({ example, place, tool }: Row, { peer, neighbours }: Addresses): string {
  const filled = [...placeholders, ...ofKind[place]].reduce((text, [from, to]) => text.replace(from, to), example)
  // These tools ask a name server; the others connect, and nothing answers at the address that the name has there.
  const asks = ['dig', 'nslookup', 'host', 'drill'].includes(tool) || filled.startsWith('dig ')
  const neighbour = neighbours[place]
  return (asks ? filled : filled.replaceAll('example.org', 'PEER'))
    .replaceAll('PEER', peer)
    .replaceAll('NEIGHBOUR', neighbour)
    .replaceAll('UNUSED', neighbour.replace(/\d+$/, '250'))
}
