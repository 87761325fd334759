/**
 * In which span the running code is. Kept beside the calls (AsyncLocalStorage), never handed on by
 * hand, and only while traces are made: following every promise costs some percent of the CPU.
 * Nothing is registered with OpenTelemetry's global API: a library that writes spans of its own
 * would put into them what we have not chosen.
 */
import {
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type SpanContext,
  TraceFlags,
  trace,
} from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { limits } from './limits.ts'

export const contexts = new AsyncLocalStorageContextManager().enable()

/**
 * What each log line says of the span in which it was written. Names: OpenTelemetry's for logs that
 * are not OTLP, https://opentelemetry.io/docs/specs/otel/compatibility/logging_trace_context/
 */
export function whereabouts(): Record<string, string> {
  const context = contexts.active()
  const facts: Record<string, string> = {}
  if (context === ROOT_CONTEXT) return facts
  const span = trace.getSpanContext(context)
  if (span !== undefined && isSpanContextValid(span)) {
    facts['trace_id'] = span.traceId
    facts['span_id'] = span.spanId
    facts['trace_flags'] = flagsOf(span)
  }
  return facts
}

/** The span in which the code runs, if it is one that is exported. */
export function sampledSpan(): SpanContext | null {
  const span = trace.getSpanContext(contexts.active())
  return span !== undefined && isSampled(span) ? span : null
}

/** The span in which the code runs, as the header of W3C Trace Context; '' when none is exported. */
export function traceparentNow(): string {
  const span = sampledSpan()
  return span === null ? '' : `00-${span.traceId}-${span.spanId}-${flagsOf(span)}`
}

/**
 * What a call to another server of ours carries: the span in which the code runs, sampled or not,
 * so that a trace is kept whole or not at all; without a tracer here, what our own caller sent.
 */
export function traceparentToSend(given: string | undefined): string {
  const span = trace.getSpanContext(contexts.active())
  if (span === undefined || !isSpanContextValid(span)) return given ?? ''
  return `00-${span.traceId}-${span.spanId}-${flagsOf(span)}`
}

/** Version 00, and what later versions promise to keep: https://www.w3.org/TR/trace-context/ */
const traceparentPattern = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

/** The span that a header speaks of, or null when it is missing or malformed. */
export function spanContextOf(
  traceparent: string | undefined,
  tracestate?: string,
): SpanContext | null {
  const [, version, traceId, spanId, flags, rest] = traceparentPattern.exec(traceparent ?? '') ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return null
  if (version === 'ff' || (version === '00' && rest !== undefined)) return null
  const traceFlags = Number.parseInt(flags, 16) & TraceFlags.SAMPLED
  const parent: SpanContext = { traceId, spanId, traceFlags, isRemote: true }
  if (!isSpanContextValid(parent)) return null
  const keepsState = tracestate !== undefined && tracestate.length <= limits.tracestateCharactersMax
  return keepsState ? { ...parent, traceState: createTraceState(tracestate) } : parent
}

export function isSampled(span: SpanContext): boolean {
  return (span.traceFlags & TraceFlags.SAMPLED) !== 0
}

function flagsOf(span: SpanContext): string {
  return isSampled(span) ? '01' : '00'
}
