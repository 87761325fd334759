/** A collector that takes nothing: spans are lost, bounded, and the log hears of it now and then. */
import { expect, it } from 'vitest'
import { systemClock } from '../../server/platform/clock.ts'
import { limits } from '../../server/platform/limits.ts'
import { startTracing } from '../../server/platform/start-tracing.ts'
import { traced } from '../../server/platform/tracing.ts'
import { eventually } from '../support/eventually.ts'
import { startReceiver } from './otlp-receiver.ts'

it('complains once a minute at most, however much is lost', async () => {
  await using receiver = await startReceiver(400)
  let nowMs = 0
  const complaints: (Error | undefined)[] = []
  await using _tracing = startTracing({
    url: `${receiver.url}/v1/traces`,
    headers: {},
    sampler: 'always_on',
    ratio: 1,
    resource: { 'service.name': 'test' },
    clock: { ...systemClock, monotonicMs: () => nowMs },
    onLost: (cause) => complaints.push(cause),
  })
  const exports = () => receiver.raw().split('"content-type"').length
  const lose = async () => {
    const before = exports()
    for (let span = 0; span < 2 * limits.traceBatchMax; span += 1) {
      await traced('lost', {}, () => Promise.resolve())
    }
    await eventually(() => exports() > before + 1, { what: 'two more exports are refused' })
  }
  await lose()
  await eventually(() => complaints.length > 0, { what: 'the first complaint' })
  await lose()
  expect(complaints).toHaveLength(1)
  nowMs += limits.traceComplaintMs
  await lose()
  await eventually(() => complaints.length === 2, { what: 'the complaint of the next minute' })
})
