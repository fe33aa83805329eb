import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionPlace, SessionStart, TerminalWork } from '#core/ports/terminal'
import { nodeExec } from '#dev/dev-cluster/node'
import { apiServer, machineAddress, type NodeName } from '#dev/dev-cluster/versions'
import { shellConfig } from '#shell-image/build'
import { traced } from '#src/app/tracing'
import { kubernetesTerminal } from '#src/kubernetes/terminal/kubernetes-terminal'
import { openProxy } from '#test/chaos/proxy'
import { newSessionId, readShell, sessionStart } from '#test/contract/terminal'
import { sampleRequest, sampleRun, silentLog } from '#test/samples/run'
import type { TestCluster } from './test-cluster.ts'

const image = shellConfig.ref

/** Opens sessions on the development cluster. `kubeconfig`: of other connections to it. */
export function sessionsOn(cluster: TestCluster, kubeconfig = cluster.kubeconfig) {
  const { namespace } = cluster
  const terminal = kubernetesTerminal({
    ...{ name: 'dev', namespace, kubeconfig, log: silentLog, span: traced },
    containers: { pullPolicy: 'IfNotPresent' },
  })
  const workOf = (change: Partial<TerminalWork['spec']> = {}, id = newSessionId()): TerminalWork => {
    const { spec, request } = sampleRun({ request: sampleRequest({ id }) })
    const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': id }
    return { id, spec: { ...spec, namespace, image, labels, ...change }, by: request.by, maxSeconds: 600 }
  }
  return {
    terminal,
    workOf,
    /** Makes a container, starts a shell in it and attaches to it. */
    async begin(argv: readonly string[], spec: Partial<TerminalWork['spec']> = {}, change: Partial<SessionStart> = {}) {
      const work = workOf(spec)
      const place: SessionPlace = await terminal.create(work, new AbortController().signal)
      const session = sessionStart(argv, { id: work.id, ...change })
      await terminal.start(place, session)
      const attach = (from: number) => terminal.attach(place, { id: work.id, keyHex: session.keyHex, from })
      const shell = await attach(0)
      return { work, place, session, attach, shell, reader: readShell(shell), remove: () => terminal.remove(work) }
    },
  }
}

/** Opens a proxy to the API server that can cut its connections, with a kubeconfig of connections through it. */
export async function cuttingKubeconfig({ kubeconfig }: TestCluster) {
  const proxy = await openProxy({ host: machineAddress, port: Number(new URL(apiServer).port) })
  const folder = mkdtempSync(join(tmpdir(), 'retina-sessions-'))
  const path = join(folder, 'kubeconfig')
  const text = readFileSync(kubeconfig, 'utf8').replaceAll(apiServer, `https://127.0.0.1:${proxy.port}`)
  writeFileSync(path, text, { mode: 0o600 })
  const close = async () => {
    rmSync(folder, { recursive: true, force: true })
    await proxy.close()
  }
  return { kubeconfig: path, cutAfter: proxy.cutAfter, close }
}

/** Returns the command lines of a node's processes that contain a text. */
export async function nodeProcesses(node: NodeName, text: string): Promise<string[]> {
  const lines = await nodeExec(node, ['ps', '-eo', 'args'])
  return lines.split('\n').filter((line) => line.includes(text))
}
