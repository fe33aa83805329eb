import { createHash } from 'node:crypto'
import { type Context, context, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import type { Traced } from '#core/runs/trace-steps'
import { version } from './version.ts'

let isOpen = false

/**
 * Spans of the hops of a run. The trace's id comes from the run's, so bot and workers write into one trace and nothing
 * has to be carried through the queue. Without `openTracing` nothing is recorded, and this costs nothing.
 */
export const traced: Traced = (run, hop, work) => {
  if (!isOpen) return work()
  const open = trace
    .getTracer('retina-chatops', version)
    .startSpan(hop, { attributes: { 'retina.run': run } }, traceOf(run))
  return work().then(
    (result) => {
      open.end()
      return result
    },
    (error: unknown) => {
      open.setStatus({ code: SpanStatusCode.ERROR })
      open.end()
      throw error
    },
  )
}

/** Sends spans to `OTEL_EXPORTER_OTLP_ENDPOINT` by OTLP over HTTP, and resolves with the way to send the last ones. */
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
  const processor = new BatchSpanProcessor({ exporter: new OTLPTraceExporter(), scheduledDelayMillis: 1_000 })
  const provider = new TracerProvider({ resource, spanProcessors: [processor] })
  trace.setGlobalTracerProvider(provider)
  isOpen = true
  return () => provider.shutdown()
}

function traceOf(run: string): Context {
  const hash = createHash('sha256').update(run).digest('hex')
  const [traceId, spanId] = [hash.slice(0, 32), hash.slice(32, 48)]
  return trace.setSpanContext(context.active(), { traceId, spanId, traceFlags: TraceFlags.SAMPLED, isRemote: true })
}
