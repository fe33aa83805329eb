import { createServer } from 'node:http'
import { listenOnLoopback } from '#test/fakes/listen'

type Exported = {
  traceId: string
  name: string
  startTimeUnixNano: string
  endTimeUnixNano: string
  attributes: { key: string; value: { stringValue?: string } }[]
}
type Body = { resourceSpans: { scopeSpans: { spans: Exported[] }[] }[] }

/** One hop of one run. Milliseconds, from the run's first hop on. */
export type StepTiming = { run: string; trace: string; name: string; from: number; took: number }

/** Takes what the program exports, as a collector of OpenTelemetry would (OTLP over HTTP, JSON). */
export async function openCollector() {
  const bodies: Body[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      bodies.push(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Body)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  })
  const port = await listenOnLoopback(server)
  return {
    endpoint: `http://127.0.0.1:${port}`,
    hops: () => hopsOf(bodies),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

function hopsOf(bodies: readonly Body[]): StepTiming[] {
  const spans = bodies.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  )
  const first = new Map<string, number>()
  const all = spans.map((each) => {
    const run = each.attributes.find(({ key }) => key === 'retina.run')?.value.stringValue ?? ''
    // Nanoseconds don't fit into a number, and their last six digits don't matter here.
    const [begun, ended] = [each.startTimeUnixNano, each.endTimeUnixNano].map(
      (text) => Number(BigInt(text) / 1_000n) / 1_000,
    )
    const from = begun ?? 0
    first.set(run, Math.min(first.get(run) ?? Number.POSITIVE_INFINITY, from))
    return { run, trace: each.traceId, name: each.name, from, took: (ended ?? 0) - from }
  })
  return all.map((each) => ({ ...each, from: each.from - (first.get(each.run) ?? 0) }))
}

/** The median of when each hop begins and how long it takes, in the order in which they begin. */
export function hopTable(hops: readonly StepTiming[]): { name: string; from: number; took: number }[] {
  const names = [...new Set(hops.map(({ name }) => name))]
  const middle = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
  return names
    .map((name) => {
      const own = hops.filter((each) => each.name === name)
      return { name, from: middle(own.map(({ from }) => from)), took: middle(own.map(({ took }) => took)) }
    })
    .toSorted((a, b) => a.from - b.from)
}
