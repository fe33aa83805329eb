import { afterEach, expect, test } from '@jest/globals'
import type { SessionPlace, TerminalWork } from '#core/ports/terminal'
import { traced } from '#src/app/tracing'
import { kubernetesTerminal } from '#src/kubernetes/terminal/kubernetes-terminal'
import { newSessionId, readShell, sessionStart } from '#test/contract/terminal'
import { useCluster } from '#test/environment/cluster'
import { removeDebugPods } from '#test/environment/debug-pods'
import { sampleRequest, sampleRun, silentLog } from '#test/samples/run'

const cluster = useCluster()
afterEach(() => removeDebugPods(cluster()), 60_000)

const image = 'localhost/retina-chatops/shell:dev'

function terminalOf() {
  const { kubeconfig, namespace } = cluster()
  return kubernetesTerminal({
    name: 'dev',
    namespace,
    kubeconfig,
    containers: { pullPolicy: 'IfNotPresent' },
    log: silentLog,
    span: traced,
  })
}

function workOf(change: Partial<TerminalWork['spec']> = {}): TerminalWork {
  const id = newSessionId()
  const { spec, request } = sampleRun({ request: sampleRequest({ id }) })
  const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': id }
  const own = { namespace: cluster().namespace, image, labels, ...change }
  return { id, spec: { ...spec, ...own }, by: request.by, maxSeconds: 600 }
}

test('a shell on a node shows its prompt, takes keys, and tells its exit code', async () => {
  const terminal = terminalOf()
  const work = workOf()
  const place: SessionPlace = await terminal.create(work, new AbortController().signal)
  const session = sessionStart(['bash'], { id: work.id })
  await terminal.start(place, session)
  const reader = readShell(await terminal.attach(place, { id: work.id, keyHex: session.keyHex, from: 0 }))
  await reader.shows(/\$ $/)
  await reader.type('echo $((6 * 7))\r')
  await reader.shows(/\r42\r\n/)
  await reader.type('exit 3\r')
  expect(await reader.ended()).toMatchObject({ exitCode: 3, why: 'exited' })
  await terminal.remove(work)
}, 120_000)
