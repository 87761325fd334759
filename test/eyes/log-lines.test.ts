/** The log of a server that runs by itself: what it writes for a request says which one that was. */
import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import { openProcessSystem } from '../kill/process-system.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import { apiAt, persist, tokenFor } from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'
import { startReceiver } from './otlp-receiver.ts'

type Line = { readonly msg: string } & Readonly<Record<string, unknown>>

const traceId = '0af7651916cd43dd8448eb211c80319c'
const traceparent = `00-${traceId}-b7ad6b7169203331-01`

function linesOf(output: string): Line[] {
  return output
    .split('\n')
    .filter((line) => line.startsWith('{"level"'))
    .map((line) => JSON.parse(line) as Line)
}

describeUnless(redisMissing(), 'a line of the log', () => {
  it('carries the request and its trace, however deep it was written', async () => {
    await using receiver = await startReceiver()
    await using system = await openProcessSystem({
      book: 'redis',
      settings: { LOG_LEVEL: 'info', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    })
    const event = await system.newEvent()
    const token = await tokenFor(system.url, { name: 'mia' })
    const seats = { kind: 'units' as const, units: [1] }
    const fan = apiAt(system.url, token)
    const held = await persist(() => fan.holds.place.mutate({ event, key: randomUUID(), seats }))
    await system.redis?.kill()
    const answer = await fetch(`${system.url}/trpc/checkout.start`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'x-request-id': 'the-start-of-mia',
        traceparent,
      },
      body: JSON.stringify({ holdToken: held.token }),
    })
    expect(answer.status).toBe(200)
    const found = () =>
      linesOf(system.lives.server.output()).find(
        (line) => line.msg === 'checkout goes on without the hold book',
      )
    await eventually(() => found() !== undefined, { what: 'the line is written' })
    expect(found()).toMatchObject({ requestId: 'the-start-of-mia', trace_id: traceId })
    const span = () =>
      receiver.spans.find((each) => each.spanId === found()?.['span_id'])?.name ?? ''
    await eventually(() => span() === 'call checkout.start', { what: 'the span is exported' })
    const ready = linesOf(system.lives.server.output()).find((line) => line.msg === 'ready to sell')
    expect(ready).not.toHaveProperty('requestId')
    expect(ready).not.toHaveProperty('trace_id')
  })
})
