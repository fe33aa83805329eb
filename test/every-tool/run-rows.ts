import type { Target } from '#core/request/target'
import { toDebugSpec } from '#core/runs/debug-spec'
import type { End } from '#core/runs/run'
import { nodeExec } from '#dev/dev-cluster/node'
import { parse } from '#src/command/parse'
import { type Plan, plan } from '#src/command/plan'
import { catalogue } from '#src/tools/index'
import { portTo } from '#test/environment/cluster-port'
import type { TestCluster } from '#test/environment/test-cluster'
import { warmTools } from '#test/environment/warm-tools'
import { sampleRequest } from '#test/samples/run'
import { createPods } from './pods.ts'
import { fillExample, type Row, type TargetKind } from './rows.ts'

/** What came of a row. `line` is what was typed, `answer` what is answered where nothing is run. */
export type Outcome = Row & { line: string; seconds: number } & (
    | { is: 'run'; exit: number | undefined; reason: End['reason']; output: string }
    | { is: 'answered'; answer: string }
  )

/** Number of tools that run concurrently. */
const atOnce = 12
/** Seconds that a tool, and a container's start, may take on a machine that is busy with other tests. */
const deadline = 120
const image = { repo: 'localhost/retina-chatops/shell', version: 'dev' }

/** Returns the plan of a command, or what is answered instead. */
function planned(text: string): Plan | { answer: string } {
  const command = parse({ text }, catalogue)
  if (command.verb !== 'shell') return { answer: 'message' in command ? command.message : command.verb }
  const made = plan(command, catalogue, image)
  return 'verb' in made ? { answer: made.message } : made
}

/** Runs rows in warm containers with exactly the rights that the plan gives each; rows of one tool follow each other. */
export async function runRows(cluster: TestCluster, rows: readonly Row[]): Promise<Outcome[]> {
  const { namespace, ...addresses } = await createPods(cluster)
  // The kernel forgets its messages: those of each level that examples look for may be gone.
  await nodeExec('node001', ['sh', '-c', 'echo "<4>every-tool: a warning" > /dev/kmsg'])
  const port = portTo(cluster)
  const tools = warmTools(port)
  const targets: Record<TargetKind, Target> = {
    node: { kind: 'node', cluster: port.name, name: 'node001' },
    pod: { kind: 'pod', cluster: port.name, namespace, name: 'target' },
  }
  const typed: Record<TargetKind, string> = { node: 'node001', pod: `-n ${namespace} pod/target` }
  const defaults = {
    image: `${image.repo}:${image.version}`,
    namespace: cluster.namespace,
    startTimeout: deadline,
    deadline,
    maxOutputBytes: 1_048_576,
    masked: ['/run/containerd'],
  }
  let count = 0
  const runRow = async (row: Row): Promise<Outcome> => {
    const line = fillExample(row, addresses)
    const made = planned(`shell ${typed[row.place]} -- ${line}`)
    if ('answer' in made) return { ...row, line, seconds: 0, is: 'answered', answer: made.answer }
    const target = targets[row.place]
    const facts = await port.resolve(target)
    if ('problem' in facts) throw new Error(`${typed[row.place]}: ${facts.message}`)
    count += 1
    const { pipeline, needs } = made
    const request = sampleRequest({ id: `tool${count}`, target, facts, pipeline, needs })
    const from = performance.now()
    const process = await tools.begin({
      id: request.id,
      spec: toDebugSpec(request, defaults, deadline),
      by: request.by,
    })
    let output = ''
    for await (const chunk of process.output) output += chunk.text
    const { reason, exitCode } = await process.ended
    await process.remove()
    return { ...row, line, seconds: (performance.now() - from) / 1_000, is: 'run', exit: exitCode, reason, output }
  }
  const groups = [...Map.groupBy(rows, ({ tool }) => tool).values()]
  const outcomes = new Map<Row, Outcome>()
  const work = async () => {
    for (let group = groups.shift(); group !== undefined; group = groups.shift()) {
      for (const row of group) outcomes.set(row, await runRow(row))
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work)).finally(tools.end)
  return rows.flatMap((row) => outcomes.get(row) ?? [])
}
