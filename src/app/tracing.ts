import { createHash } from 'node:crypto'
import http, { type Agent as HttpAgent } from 'node:http'
import https from 'node:https'
import { type Context, context, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import type { Traced } from '#core/runs/trace-steps'
import { version } from './version.ts'

let isOpen = false

/**
 * Traces a step of a run as a span. The trace's id is derived from the run's id, so bot and workers write into one
 * trace and nothing has to be passed through the queue. Without `openTracing` this records nothing and costs nothing.
 */
export const traced: Traced = (run, step, work) => {
  if (!isOpen) return work()
  const span = trace
    .getTracer('retina-chatops', version)
    .startSpan(step, { attributes: { 'retina.run': run } }, toTraceContext(run))
  return work().then(
    (result) => {
      span.end()
      return result
    },
    (error: unknown) => {
      span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
      throw error
    },
  )
}

/**
 * Sends spans to `OTEL_EXPORTER_OTLP_ENDPOINT` by OTLP over HTTP. Resolves with the function that sends the last ones.
 */
export async function openTracing(role: string): Promise<() => Promise<void>> {
  if (process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] === undefined) return async () => undefined
  const [{ BatchSpanProcessor, TracerProvider }, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all(
    [
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
    ],
  )
  const resource = resourceFromAttributes({
    'service.name': process.env['OTEL_SERVICE_NAME'] ?? 'retina-chatops',
    'service.version': version,
    'retina.role': role,
  })
  const processor = new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ httpAgentOptions: sharedAgent }),
    scheduledDelayMillis: 1_000,
  })
  const provider = new TracerProvider({ resource, spanProcessors: [processor] })
  trace.setGlobalTracerProvider(provider)
  isOpen = true
  return () => provider.shutdown()
}

/** Node's shared agents go by the program's proxy settings; the exporter's own would not. */
function sharedAgent(protocol: string): HttpAgent {
  return protocol === 'http:' ? http.globalAgent : https.globalAgent
}

function toTraceContext(run: string): Context {
  const hash = createHash('sha256').update(run).digest('hex')
  const [traceId, spanId] = [hash.slice(0, 32), hash.slice(32, 48)]
  return trace.setSpanContext(context.active(), { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true })
}
