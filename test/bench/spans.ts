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

/** A span of one run: begin, from the run's first span on, and duration, in milliseconds. */
export type StepTiming = { run: string; trace: string; name: string; from: number; took: number }

/** Starts an OpenTelemetry collector that stores the spans that the program exports (OTLP over HTTP, JSON). */
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
    steps: () => stepsOf(bodies),
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

function stepsOf(bodies: readonly Body[]): StepTiming[] {
  const spans = bodies.flatMap(({ resourceSpans }) =>
    resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap(({ spans }) => spans)),
  )
  const first = new Map<string, number>()
  const all = spans.map((each) => {
    const run = each.attributes.find(({ key }) => key === 'retina.run')?.value.stringValue ?? ''
    // Nanoseconds since 1970 don't fit into a number; microseconds are exact enough.
    const [begun, ended] = [each.startTimeUnixNano, each.endTimeUnixNano].map(
      (text) => Number(BigInt(text) / 1_000n) / 1_000,
    )
    const from = begun ?? 0
    first.set(run, Math.min(first.get(run) ?? Number.POSITIVE_INFINITY, from))
    return { run, trace: each.traceId, name: each.name, from, took: (ended ?? 0) - from }
  })
  return all.map((each) => ({ ...each, from: each.from - (first.get(each.run) ?? 0) }))
}

/** Returns the medians of each step's begin and duration, in the order of begin. */
export function stepTable(steps: readonly StepTiming[]): { name: string; from: number; took: number }[] {
  const names = [...new Set(steps.map(({ name }) => name))]
  const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
  return names
    .map((name) => {
      const own = steps.filter((each) => each.name === name)
      return { name, from: median(own.map(({ from }) => from)), took: median(own.map(({ took }) => took)) }
    })
    .toSorted((a, b) => a.from - b.from)
}
