/**
 * Where spans go: in batches over OTLP to a collector, off the path of calls. The queue is bounded
 * and what does not fit is lost; a collector that does not answer costs a log line a minute.
 */
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto'
import { resourceFromAttributes } from '@opentelemetry/resources'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  NodeTracerProvider,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  type SpanExporter,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-node'
import type { Clock } from './clock.ts'
import { limits } from './limits.ts'
import type { SamplerName } from './samplers.ts'
import { isSampled } from './trace-context.ts'
import { isTracerUsed, useTracer } from './tracing.ts'

export type TracingOptions = {
  /** Where OTLP is spoken over HTTP: the whole address, /v1/traces included. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly sampler: SamplerName
  /** Of traces, 0 to 1; only for the samplers by ratio. */
  readonly ratio: number
  /** What the spans are of: service.name and whatever tells this server from others. */
  readonly resource: Readonly<Record<string, string>>
  readonly clock: Clock
  readonly onLost: (cause: Error | undefined) => void
}

/** Spans are made and exported until it is disposed of. */
export function startTracing(options: TracingOptions): AsyncDisposable {
  const exporter = new OTLPTraceExporter({
    url: options.url,
    headers: { ...options.headers },
    timeoutMillis: limits.traceExportTimeoutMs,
    // One at a time, but all that waits at the end, and the next while the last is being closed.
    concurrencyLimit: limits.traceQueueMax / limits.traceBatchMax + 1,
  })
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes(options.resource),
    sampler: followingLinks(samplerOf(options.sampler, options.ratio)),
    spanLimits: { attributeCountLimit: 32, attributeValueLengthLimit: 256 },
    spanProcessors: [
      new BatchSpanProcessor(reporting(exporter, options), {
        maxQueueSize: limits.traceQueueMax,
        maxExportBatchSize: limits.traceBatchMax,
        scheduledDelayMillis: limits.traceDelayMs,
        exportTimeoutMillis: limits.traceExportTimeoutMs,
      }),
    ],
  })
  const tracer = provider.getTracer('frontrow')
  useTracer(tracer)
  return {
    [Symbol.asyncDispose]: async () => {
      if (isTracerUsed(tracer)) useTracer(null)
      const flushed = provider.shutdown().catch(() => undefined)
      await Promise.race([flushed, options.clock.wait(limits.traceFlushMs)])
    },
  }
}

function samplerOf(name: SamplerName, ratio: number): Sampler {
  const ofRoot: Record<SamplerName, () => Sampler> = {
    always_on: () => new AlwaysOnSampler(),
    always_off: () => new AlwaysOffSampler(),
    traceidratio: () => new TraceIdRatioBasedSampler(ratio),
    parentbased_always_on: () => new ParentBasedSampler({ root: new AlwaysOnSampler() }),
    parentbased_always_off: () => new ParentBasedSampler({ root: new AlwaysOffSampler() }),
    parentbased_traceidratio: () =>
      new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
  }
  return ofRoot[name]()
}

/** What an exported trace led to is exported too, though it has a trace of its own. */
function followingLinks(inner: Sampler): Sampler {
  return {
    shouldSample: (...question) => {
      const links = question[5]
      return links.some((link) => isSampled(link.context))
        ? { decision: SamplingDecision.RECORD_AND_SAMPLED }
        : inner.shouldSample(...question)
    },
    toString: () => inner.toString(),
  }
}

/** The same exporter, whose failures are told, but not more often than limits.traceComplaintMs. */
function reporting(inner: SpanExporter, { clock, onLost }: TracingOptions): SpanExporter {
  let toldAtMs = Number.NEGATIVE_INFINITY
  return {
    export: (spans, done) =>
      inner.export(spans, (result) => {
        const nowMs = clock.monotonicMs()
        if (result.code !== 0 && nowMs - toldAtMs >= limits.traceComplaintMs) {
          toldAtMs = nowMs
          onLost(result.error)
        }
        done(result)
      }),
    forceFlush: () => inner.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => inner.shutdown(),
  }
}
