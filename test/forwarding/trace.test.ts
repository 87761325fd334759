/** A far fan's call is one trace, over the servers of both regions. */
import { randomBytes } from 'node:crypto'
import { expect, it } from 'vitest'
import { type ReceivedSpan, startReceiver } from '../eyes/otlp-receiver.ts'
import { seats } from '../sale/buying.ts'
import { eventually } from '../support/eventually.ts'
import { eu, openRegions, rawCall, us } from './open-regions.ts'

it('a far call is one trace, and one that is not sampled is none', async () => {
  await using receiver = await startReceiver()
  await using regions = await openRegions({
    settings: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
  })
  const event = await regions.newEvent()
  const token = await regions.tokenOf('ann')
  const place = async (unit: number, flags: string) => {
    const traceId = randomBytes(16).toString('hex')
    const answer = await rawCall(`${regions.at(eu).url}/trpc/holds.place`, {
      token,
      body: { event, key: `traced-key-${unit}`, seats: seats(unit) },
      headers: { traceparent: `00-${traceId}-c0ffee00c0ffee00-${flags}` },
    })
    expect(answer.status).toBe(200)
    return traceId
  }
  const unsampled = await place(1, '00')
  const traceId = await place(2, '01')
  const ofTrace = () => receiver.spans.filter((span) => span.traceId === traceId)
  const requests = () => ofTrace().filter(({ name }) => name === 'POST /trpc/*')
  await eventually(() => requests().length === 2, { what: 'both servers told of their part' })
  const named = (name: string): ReceivedSpan | undefined =>
    ofTrace().find((span) => span.name === name)
  const sent = named('POST to region')
  const [first, second] = requests().toSorted((one) => (one.parent === 'c0ffee00c0ffee00' ? -1 : 1))
  expect(sent).toMatchObject({ parent: first?.spanId, attributes: { 'frontrow.region': us } })
  expect(second?.parent).toBe(sent?.spanId)
  expect(named('call holds.place')?.parent).toBe(second?.spanId)
  expect(receiver.spans.some((span) => span.traceId === unsampled)).toBe(false)
  const text = receiver.raw()
  for (const secret of [token, event, 'demo:ann']) expect(text).not.toContain(secret)
})
