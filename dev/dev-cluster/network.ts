import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { run } from '#dev/machine/run'
import { startProcess } from './processes.ts'
import { ensureFolder, stateFolder } from './state.ts'
import { bridge, machineAddress, nodes } from './versions.ts'

const forwarding = '/proc/sys/net/ipv4/ip_forward'
const forwardingBefore = () => stateFolder('ip_forward.before')

/** Creates the bridge that connects the machine and the nodes, adds a route to each node's pods, and turns IP forwarding on. */
export async function makeNetwork(): Promise<void> {
  ensureFolder()
  if (!existsSync(`/sys/class/net/${bridge}`)) {
    await run('ip', ['link', 'add', bridge, 'type', 'bridge'])
    await run('ip', ['address', 'add', `${machineAddress}/24`, 'dev', bridge])
  }
  await run('ip', ['link', 'set', bridge, 'up'])
  for (const node of nodes) {
    await run('ip', ['route', 'replace', node.podRange, 'via', node.address, 'dev', bridge])
  }
  const now = readFileSync(forwarding, 'utf8').trim()
  if (!existsSync(forwardingBefore())) writeFileSync(forwardingBefore(), now)
  if (now !== '1') writeFileSync(forwarding, '1')
}

/** Removes the bridge, and with it the routes; restores the previous setting of IP forwarding. */
export async function removeNetwork(): Promise<void> {
  if (existsSync(`/sys/class/net/${bridge}`)) await run('ip', ['link', 'delete', bridge])
  if (existsSync(forwardingBefore())) {
    writeFileSync(forwarding, readFileSync(forwardingBefore(), 'utf8'))
    rmSync(forwardingBefore())
  }
}

/** Names that tests and documents use; the resolver answers them, as the machine may have no internet access. */
const exampleNames = ['93.184.215.14 example.com', '93.184.215.14 www.example.com', '93.184.215.14 example.org']

/**
 * Starts a resolver on the bridge that forwards to the machine's resolver; pods reach it without any firewall rule.
 * On a machine without a resolver it answers NXDOMAIN at once.
 */
export function startResolver(coredns: string): void {
  const servers = readFileSync('/etc/resolv.conf', 'utf8').match(/^nameserver\s+\S+/gm) ?? []
  const upstream = servers.length === 0 ? 'template ANY ANY {\n rcode NXDOMAIN\n }' : 'forward . /etc/resolv.conf'
  const hosts = `hosts {\n ${exampleNames.join('\n ')}\n fallthrough\n }`
  const corefile = `. {\n bind ${machineAddress}\n errors\n cache 30\n ${hosts}\n ${upstream}\n}\n`
  const file = stateFolder('Corefile')
  writeFileSync(file, corefile)
  startProcess('resolver', coredns, ['-conf', file, '-dns.port', '53'])
}
