/** The headers of W3C Trace Context, and what log lines say of where they were written. */
import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { describe, expect, it } from 'vitest'
import { openLogger } from './logger.ts'
import { contexts, spanContextOf, traceparentNow, whereabouts } from './trace-context.ts'
import { openRequest, traced } from './tracing.ts'

const traceId = '0af7651916cd43dd8448eb211c80319c'
const spanId = 'b7ad6b7169203331'

describe('a traceparent', () => {
  it('names a span of elsewhere and whether it is exported', () => {
    const expected = { traceId, spanId, isRemote: true }
    expect(spanContextOf(`00-${traceId}-${spanId}-01`)).toEqual({ ...expected, traceFlags: 1 })
    expect(spanContextOf(`00-${traceId}-${spanId}-00`)).toEqual({ ...expected, traceFlags: 0 })
  })

  it('may be of a later version, which says more', () => {
    expect(spanContextOf(`cc-${traceId}-${spanId}-03-more`)).toMatchObject({ traceFlags: 1 })
  })

  it.each([
    undefined,
    '',
    `ff-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}`,
    `00-${traceId}-${spanId}-01\n`,
  ])('is none: %s', (header) => {
    expect(spanContextOf(header)).toBeNull()
  })

  it('comes with a state that is kept, unless it is longer than allowed', () => {
    const header = `00-${traceId}-${spanId}-01`
    expect(spanContextOf(header, 'vendor=1')?.traceState?.get('vendor')).toBe('1')
    expect(spanContextOf(header, `vendor=${'1'.repeat(600)}`)?.traceState).toBeUndefined()
  })
})

describe('a log line', () => {
  function logged(write: (log: ReturnType<typeof openLogger>) => void): Record<string, unknown> {
    const lines: string[] = []
    const to = { write: (line: string) => void lines.push(line) }
    write(openLogger({ level: 'info', region: 'us-east1', to }))
    return JSON.parse(lines.join()) as Record<string, unknown>
  }

  it('says in which span it was written', () => {
    const span = spanContextOf(`00-${traceId}-${spanId}-01`)
    if (span === null) throw new Error('a traceparent')
    const line = contexts.with(trace.setSpanContext(ROOT_CONTEXT, span), () =>
      logged((log) => log.child({ requestId: 'req-12345' }).info({ order: 'x' }, 'hello')),
    )
    expect(line).toMatchObject({
      msg: 'hello',
      order: 'x',
      requestId: 'req-12345',
      trace_id: traceId,
      span_id: spanId,
      trace_flags: '01',
    })
  })

  it('says nothing of spans while nothing is traced', () => {
    const request = openRequest({
      name: 'GET /',
      attributes: {},
      isTraced: true,
      traceparent: `00-${traceId}-${spanId}-01`,
      tracestate: undefined,
    })
    const line = request.enter(() => logged((log) => log.info('hello')))
    expect(line).not.toHaveProperty('trace_id')
    request.end()
  })
})

describe('without a tracer', () => {
  it('a door only runs what is behind it', async () => {
    const answer = await traced('a door', {}, async (span) => {
      span.set({ a: 1 })
      span.failed('x')
      return { now: traceparentNow(), where: whereabouts() }
    })
    expect(answer).toEqual({ now: '', where: {} })
    await expect(traced('a door', {}, () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })
})
