import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import type { OutputChunk } from '#core/output/transcript-state'
import type { DebugProcess, DebugRun } from '#core/ports/cluster'
import type { End } from '#core/runs/run'
import { followAudit } from '#test/environment/audit-log'
import { useCluster } from '#test/environment/cluster'
import { portTo } from '#test/environment/cluster-port'
import { debugPods } from '#test/environment/debug-pods'
import type { AuditEvent } from '#test/environment/open-audit-log'
import { atEnd } from '#test/flow/app'
import { sampleRequest, sampleRun } from '#test/samples/run'

const cluster = useCluster()

const rounds = 90
const lines = 1_500
/** Runs for some ten seconds, so that the newest seconds of the log aren't all of it. */
const script = `i=0; while [ $i -lt ${rounds} ]; do seq $((i*${lines})) $((i*${lines}+${lines - 1})); echo round $i >&2; i=$((i+1)); sleep 0.1; done`
const stdout = Array.from({ length: rounds * lines }, (_each, at) => `${at}\n`).join('')
const stderr = Array.from({ length: rounds }, (_each, at) => `round ${at}\n`).join('')

function work(id: string): DebugRun {
  const request = sampleRequest({ id, target: { kind: 'node', cluster: 'dev', name: 'node001' } })
  const { spec } = sampleRun({ request })
  const labels = { 'app.kubernetes.io/managed-by': 'retina-chatops', 'retina-chatops.io/run': id }
  const image = 'localhost/retina-chatops/shell:dev'
  const { namespace } = cluster()
  const change = {
    namespace,
    image,
    node: 'node001',
    labels,
    pipeline: [['sh', '-c', script]],
    maxOutputBytes: 10_000_000,
  }
  return { id, spec: { ...spec, ...change }, by: request.by }
}

const never = () => new AbortController().signal

async function read(process: DebugProcess, until: (chunks: readonly OutputChunk[]) => boolean = () => false) {
  const chunks: OutputChunk[] = []
  for await (const chunk of process.output) {
    chunks.push(chunk)
    if (until(chunks)) process.leave()
  }
  return chunks
}

function textOf(chunks: readonly OutputChunk[], stream: OutputChunk['stream']): string {
  return chunks.flatMap((chunk) => (chunk.stream === stream ? [chunk.text] : [])).join('')
}

function expectWhole(chunks: readonly OutputChunk[], end: End): void {
  expect(end).toMatchObject({ reason: 'completed', exitCode: 0, complete: true })
  // Compares to a boolean: a printed difference of megabytes would be useless.
  expect(textOf(chunks, 'stdout') === stdout).toBe(true)
  expect(textOf(chunks, 'stderr')).toBe(stderr)
}

/** Returns a kubeconfig for the same cluster through a proxy that cuts each connection after a number of bytes. */
async function cutting(after: number[]): Promise<{ kubeconfig: string; left: () => number }> {
  const config = JSON.parse(readFileSync(cluster().kubeconfig, 'utf8')) as {
    clusters: { cluster: { server: string } }[]
  }
  const [first] = config.clusters
  if (first === undefined) throw new Error('the kubeconfig has no cluster')
  const { hostname, port } = new URL(first.cluster.server)
  const open = new Set<Socket>()
  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    let carried = 0
    for (const socket of [client, upstream]) {
      open.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream)
    upstream.on('data', (data: Buffer) => {
      carried += data.length
      client.write(data)
      if (carried < (after[0] ?? Number.POSITIVE_INFINITY)) return
      after.shift()
      client.destroy()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  atEnd(async () => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const address = server.address()
  first.cluster.server = `https://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  const folder = mkdtempSync(join(tmpdir(), 'retina-cut-'))
  atEnd(async () => rmSync(folder, { recursive: true, force: true }))
  const kubeconfig = join(folder, 'kubeconfig.json')
  writeFileSync(kubeconfig, JSON.stringify(config))
  return { kubeconfig, left: () => after.length }
}

/** Returns the API requests for a run's log. */
function logRequests(events: readonly AuditEvent[], id: string): string[] {
  return events.flatMap(({ stage, requestURI }) =>
    stage === 'ResponseStarted' && requestURI.includes(id) && requestURI.includes('/log') ? [requestURI] : [],
  )
}

test('a log stream that is cut repeatedly: no line is repeated or missing, and only its newest part is read again', async () => {
  const audit = followAudit(cluster())
  const { kubeconfig, left } = await cutting([150_000, 350_000, 250_000, 200_000])
  const process = portTo({ ...cluster(), kubeconfig }).launch(work('cutstream0001'), never())
  const chunks = await read(process)
  expectWhole(chunks, await process.ended)
  await process.remove()
  expect(left()).toBe(0)
  const [first, ...again] = logRequests(audit(), 'cutstream0001')
  expect(first).not.toContain('sinceTime')
  expect(again.length).toBeGreaterThan(1)
  // After a stream that was cut before anything new came, the whole log is read.
  expect(again[0]).toContain('sinceTime')
  expect(await debugPods(cluster())).not.toContain('retina-cutstream0001')
})

test('T21 a run that is taken over in the middle continues where the first worker stopped reading', async () => {
  const port = portTo(cluster())
  const run = work('takenover0001')
  const before = await read(port.launch(run, never()), (chunks) => chunks.length > 60)
  const upTo = before.at(-1)?.upTo
  if (upTo === undefined) throw new Error('nothing came')
  const process = port.adopt({ ...run, from: upTo }, never())
  const after = await read(process)
  expect(before.length).toBeGreaterThan(10)
  expect(after.length).toBeGreaterThan(10)
  expectWhole([...before, ...after], await process.ended)
  await process.remove()
  expect(await debugPods(cluster())).not.toContain('retina-takenover0001')
})
