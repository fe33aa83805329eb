import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { nodeExec } from '#dev/dev-cluster/node'
import { stateFolder } from '#dev/dev-cluster/state'
import type { NodeName } from '#dev/dev-cluster/versions'
import { goTool } from '#dev/go-tools/go-tools'
import type { TestCluster } from './test-cluster.ts'

const unit = 'network-agent'
const [program, kubeconfig] = ['/var/tmp/kube-router', '/var/tmp/kube-router.json']

/**
 * Starts kube-router on all nodes, as a firewall only: it enforces network policies, which nothing does on the development cluster
 * otherwise. Ends by itself after ten minutes. Returns the function that stops it and removes its rules.
 */
export async function startNetworkAgent({ kubeconfig: admin, nodes }: TestCluster): Promise<() => Promise<void>> {
  const built = await goTool('kube-router')
  await Promise.all(
    nodes.map(async (name) => {
      copyFileSync(built, onDisk(name, program))
      copyFileSync(admin, onDisk(name, kubeconfig))
      await nodeExec(name, [
        ...['systemd-run', `--unit=${unit}`, '--collect', '--property=RuntimeMaxSec=600'],
        ...[`--property=ExecStopPost=${program} --cleanup-config`, program, `--kubeconfig=${kubeconfig}`],
        ...['--run-firewall=true', '--run-router=false', '--run-service-proxy=false', `--hostname-override=${name}`],
        ...['--iptables-sync-period=5s', '--health-port=0'],
      ])
    }),
  )
  return async () => {
    await Promise.all(nodes.map(stopOn))
  }
}

/** Stops the agent on one node. Throws if a rule of it is left. */
async function stopOn(name: NodeName): Promise<void> {
  await nodeExec(name, ['systemctl', 'stop', unit]).catch(() => undefined)
  const left = `${await nodeExec(name, ['iptables-save'])}${await nodeExec(name, ['ipset', 'list', '-name'])}`
  for (const path of [program, kubeconfig]) rmSync(onDisk(name, path), { force: true })
  if (/KUBE-(ROUTER|POD-FW|NWPLCY)/.test(left)) throw new Error(`${name}: rules of kube-router are left:\n${left}`)
}

/** A node's disk is a folder of the machine. */
function onDisk(name: NodeName, path: string): string {
  return join(stateFolder('nodes', name), path)
}
