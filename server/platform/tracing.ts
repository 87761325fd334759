/**
 * Spans at the server's own doors: HTTP, calls, SQL, Redis, Stripe, duties. Without a tracer, and
 * inside a trace that is not sampled, a door costs one comparison. Attributes are names and counts
 * of ours, never values of callers: no ids of persons, no queries, no messages of errors.
 */
import {
  type Attributes,
  type Context,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  type SpanOptions,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api'
import { contexts, isSampled, spanContextOf } from './trace-context.ts'

const kinds = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  consumer: SpanKind.CONSUMER,
} as const

export type SpanFacts = {
  readonly name: string
  /** internal, unless told. */
  readonly kind?: keyof typeof kinds
  /** The traceparent under which it stands instead of the span that is open here; '' is none. */
  readonly parent?: string
  /** The traceparent of what led to it, in a trace of its own; '' is none. */
  readonly link?: string
}

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** What a door may say of its span while it is open. */
export type OpenSpan = {
  readonly set: (attributes: SpanAttributes) => void
  /** It ended badly, for this kind of reason: a name, never a text. */
  readonly failed: (errorType: string) => void
}

const noSpan: OpenSpan = { set: () => undefined, failed: () => undefined }

let tracer: Tracer | null = null

/** Spans go to this tracer from now on; null: nowhere. One tracer a process. */
export function useTracer(next: Tracer | null): void {
  tracer = next
}

export function isTracerUsed(candidate: Tracer): boolean {
  return tracer === candidate
}

/** Runs `fn` in a span that ends with it. A rejection is the caller's as before, and marks the span. */
export function traced<T>(
  facts: string | SpanFacts,
  attributes: SpanAttributes,
  fn: (span: OpenSpan) => Promise<T>,
): Promise<T> {
  if (tracer === null) return fn(noSpan)
  const active = contexts.active()
  const told = typeof facts === 'string' ? { name: facts } : facts
  const context = contextFor(active, told)
  // Every sampler of ours decides for a trace as a whole: below a span that is not exported no
  // other is, and nobody needs to be asked again.
  if (context === active && isUnsampled(trace.getSpanContext(active))) return fn(noSpan)
  const span = tracer.startSpan(told.name, optionsFor(told, attributes), context)
  return contexts.with(trace.setSpan(context, span), () => ending(span, fn))
}

async function ending<T>(span: Span, fn: (span: OpenSpan) => Promise<T>): Promise<T> {
  const open = openSpan(span)
  try {
    return await fn(open)
  } catch (cause) {
    open.failed(cause instanceof Error ? cause.name : 'unknown')
    throw cause
  } finally {
    span.end()
  }
}

const untracedContext = trace.setSpanContext(ROOT_CONTEXT, INVALID_SPAN_CONTEXT)

/**
 * Runs what is nobody's call: a worker that looks for work each second would fill the collector
 * with that. What it finds is traced where it names its parent or its link.
 */
export function untraced<T>(fn: () => T): T {
  return tracer === null ? fn() : contexts.with(untracedContext, fn)
}

/** A request: it is entered when it begins and when its answer is out, and ended once. */
export type RequestScope = {
  readonly span: OpenSpan
  readonly enter: <T>(fn: () => T) => T
  readonly end: () => void
}

const noScope: RequestScope = { span: noSpan, enter: (fn) => fn(), end: () => undefined }

export type IncomingRequest = {
  readonly name: string
  readonly attributes: SpanAttributes
  /** False: neither it nor anything below it is traced. */
  readonly isTraced: boolean
  readonly traceparent: string | undefined
  readonly tracestate: string | undefined
}

/** Opens the scope of a request; its span continues the caller's trace. */
export function openRequest(request: IncomingRequest): RequestScope {
  if (tracer === null) return noScope
  if (!request.isTraced) return scopeOf(untracedContext, null)
  const caller = spanContextOf(request.traceparent, request.tracestate)
  const parent = caller === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, caller)
  const options = { kind: SpanKind.SERVER, attributes: { ...request.attributes } }
  const span = tracer.startSpan(request.name, options, parent)
  return scopeOf(trace.setSpan(ROOT_CONTEXT, span), span)
}

function scopeOf(context: Context, span: Span | null): RequestScope {
  return {
    span: span === null ? noSpan : openSpan(span),
    enter: (fn) => contexts.with(context, fn),
    end: () => span?.end(),
  }
}

function openSpan(span: Span): OpenSpan {
  if (!span.isRecording()) return noSpan
  return {
    set: (attributes) => void span.setAttributes({ ...attributes }),
    failed: (errorType) => {
      span.setStatus({ code: SpanStatusCode.ERROR })
      span.setAttribute('error.type', errorType)
    },
  }
}

function contextFor(active: Context, { parent, link }: SpanFacts): Context {
  if (link) return trace.deleteSpan(active)
  const above = parent ? spanContextOf(parent) : null
  return above === null ? active : trace.setSpanContext(active, above)
}

function optionsFor({ kind, link }: SpanFacts, attributes: SpanAttributes): SpanOptions {
  const linked = link ? spanContextOf(link) : null
  const copied: Attributes = { ...attributes }
  return {
    kind: kinds[kind ?? 'internal'],
    attributes: copied,
    ...(linked === null ? {} : { links: [{ context: linked }] }),
  }
}

function isUnsampled(span: SpanContext | undefined): boolean {
  return span !== undefined && span.isRemote !== true && !isSampled(span)
}
