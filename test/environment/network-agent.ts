import { randomUUID } from 'node:crypto'
import { copyFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { nodeExec } from '#dev/dev-cluster/node'
import { stateFolder } from '#dev/dev-cluster/state'
import type { NodeName } from '#dev/dev-cluster/versions'
import { goTool } from '#dev/go-tools/go-tools'
import { nodeStateLock, takeMachineLock } from './machine-lock.ts'
import type { TestCluster } from './test-cluster.ts'

const [program, kubeconfig] = ['/var/tmp/kube-router', '/var/tmp/kube-router.json']

/**
 * Starts kube-router on all nodes, as a firewall only: it enforces network policies, which nothing does on the development cluster
 * otherwise. Ends by itself after ten minutes. Waits for tests that compare the nodes' rules, and lets them wait. Returns the function
 * that stops it and removes its rules.
 */
export async function startNetworkAgent({ kubectl, nodes }: TestCluster): Promise<() => Promise<void>> {
  const built = await goTool('kube-router')
  // With the keys in it: the nodes don't see the machine's files.
  const admin = await kubectl(['config', 'view', '--raw', '--flatten', '--output=json'])
  // systemd may keep a stopped unit for some time, and starts no other one of its name.
  const unit = `network-agent-${randomUUID()}`
  const nodeState = await takeMachineLock(nodeStateLock, 'a network agent')
  const stop = async () => {
    try {
      await Promise.all(nodes.map((name) => stopOn(name, unit)))
    } finally {
      await nodeState.release()
    }
  }
  const started = await Promise.allSettled(
    nodes.map(async (name) => {
      copyFileSync(built, onDisk(name, program))
      writeFileSync(onDisk(name, kubeconfig), admin, { mode: 0o600 })
      await nodeExec(name, [
        ...['systemd-run', `--unit=${unit}`, '--collect', '--property=RuntimeMaxSec=600'],
        ...[program, `--kubeconfig=${kubeconfig}`],
        ...['--run-firewall=true', '--run-router=false', '--run-service-proxy=false', `--hostname-override=${name}`],
        ...['--iptables-sync-period=5s', '--health-port=0'],
      ])
    }),
  )
  const failed = started.find((each) => each.status === 'rejected')
  if (failed === undefined) return stop
  await stop()
  throw failed.reason
}

/** Stops the agent on one node and removes its rules, which it leaves. Throws if one is left. */
async function stopOn(name: NodeName, unit: string): Promise<void> {
  // It may have ended by itself.
  await nodeExec(name, ['systemctl', 'stop', unit]).catch(() => undefined)
  for (const path of [program, kubeconfig]) rmSync(onDisk(name, path), { force: true })
  const rules = (await nodeExec(name, ['iptables-save', '-t', 'filter'])).split('\n')
  const chains = rules.flatMap((line) => /^:(KUBE-(?:ROUTER|NWPLCY|POD-FW)\S*)/.exec(line)?.[1] ?? [])
  const jumps = rules.filter((line) => /^-A (?:INPUT|FORWARD|OUTPUT) .*(?:kube-router|KUBE-ROUTER)/.test(line))
  const removals = [
    ...jumps.map((line) => line.replace('-A', '-D')),
    ...chains.map((chain) => `-F ${chain}`),
    ...chains.map((chain) => `-X ${chain}`),
  ]
  const table = `*filter\n${removals.join('\n')}\nCOMMIT\n`
  if (removals.length > 0) await nodeExec(name, ['iptables-restore', '--noflush'], table)
  for (const set of await ownSets(name)) await nodeExec(name, ['ipset', 'destroy', set])
  const left = `${await nodeExec(name, ['iptables-save'])}${(await ownSets(name)).join('\n')}`
  if (/KUBE-(ROUTER|NWPLCY|POD-FW)|kube-router/.test(left)) throw new Error(`${name}: rules are left:\n${left}`)
}

/** Resolves with the names of the sets of addresses that the agent made. */
async function ownSets(name: NodeName): Promise<string[]> {
  const names = (await nodeExec(name, ['ipset', 'list', '-name'])).trim().split('\n')
  return names.filter((each) => /^(KUBE-(SRC|DST)|kube-router)/.test(each))
}

/** A node's disk is a folder of the machine. */
function onDisk(name: NodeName, path: string): string {
  return join(stateFolder('nodes', name), path)
}
