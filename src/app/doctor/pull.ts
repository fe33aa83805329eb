import { randomUUID } from 'node:crypto'
import { errorText, type Finding, failed, ok } from '#core/doctor/finding'
import type { Cluster } from '#core/ports/cluster'
import { configuredImage } from '#core/request/image'
import { type DebugSpec, runLabels } from '#core/runs/debug-spec'
import { runIdOf } from '#src/bot/run-id'
import type { Config } from '#src/config/load'
import { openFromHere } from './clusters.ts'

/** Starts a debug pod on a node, `NODE` or `CLUSTER/NODE`, which shows that the node can pull the image. */
export async function diagnosePull(config: Config, where: string): Promise<Finding> {
  const [node = '', clusterName = config.defaultCluster] = where.split('/').toReversed()
  const check = `image on node ${node}`
  const cluster = config.clusters.find(({ name }) => name === clusterName)
  if (cluster === undefined) return failed(check, `there is no cluster "${clusterName}"`, 'doctor --pull CLUSTER/NODE')
  let opened: Cluster
  try {
    opened = openFromHere(config, cluster, { impersonate: 'never' })
  } catch (error) {
    return failed(check, errorText(error), `correct what "cluster ${clusterName} connection" names`)
  }
  return runOn(opened, config, { check, cluster: clusterName, node })
}

type Place = { check: string; cluster: string; node: string }

async function runOn(opened: Cluster, config: Config, { check, cluster, node }: Place): Promise<Finding> {
  const { shell } = config
  const image = configuredImage(shell.image)
  const stop = new AbortController()
  try {
    const id = runIdOf('doctor', randomUUID())
    const spec = specFor(config, { cluster, node, image, runId: id })
    const process = opened.launch({ id, spec, by: { id: 'doctor', groups: [] } }, stop.signal)
    for await (const _chunk of process.output) void _chunk
    const end = await process.ended
    await process.remove()
    if (end.reason === 'completed' || end.reason === 'failed') return ok(check, `${image} is pulled and runs`)
    const mend = `kubectl -n ${shell.namespace} get events; name a pull secret in shell.imagePullSecrets where the registry wants one`
    return failed(check, end.message ?? end.reason, mend)
  } finally {
    stop.abort()
    opened.close()
  }
}

type PullRun = { cluster: string; node: string; image: string; runId: string }

function specFor({ shell }: Config, { cluster, node, image, runId }: PullRun): DebugSpec {
  return {
    image,
    pipeline: [['true']],
    target: { kind: 'node', cluster, name: node },
    ...{ targetUid: '', node, capabilities: [], host: { filesystem: 'none', pid: false }, user: 'nonroot' },
    confinement: { apparmor: 'default', seccomp: 'default' },
    ...{ startTimeout: shell.timeout, deadline: shell.deadline, maxOutputBytes: shell.maxOutputBytes, masked: [] },
    ...{ namespace: shell.namespace, labels: runLabels(runId, 'doctor'), annotations: {} },
  }
}
