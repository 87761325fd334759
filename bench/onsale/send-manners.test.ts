import { describe, expect, it } from 'vitest'
import { createClient } from '../../client/index.ts'
import type { Fan } from './fan.ts'
import { Measurements } from './measurements.ts'
import type { Fate } from './plan-fans.ts'
import { seededChance } from './seeded-chance.ts'
import { sendAsFated } from './send-manners.ts'
import { TimedCalls } from './timed-calls.ts'

/** A fan of this fate at a server that answers each release with the next of these bodies. */
function fanAt(fate: Fate, answers: readonly (() => Promise<Response>)[]) {
  const noticed: string[] = []
  const measurements = new Measurements()
  const queue = [...answers]
  const client = createClient({
    endpoints: ['http://tickets.example'],
    attemptsMax: 1,
    fetch: (_, init) => orAborted(queue.shift()?.() ?? Promise.reject(new Error('unasked')), init),
  })
  const fan: Fan = {
    plan: { index: 7, arrivesAtMs: 0, fate, wish: 'best', count: 2, thinkMs: 0 },
    chance: seededChance(1, 1),
    client,
    event: {
      id: 'evt',
      homeRegion: 'r',
      currency: 'USD',
      units: 1,
      seated: [],
      standing: [],
      tiers: [],
    },
    calls: new TimedCalls(measurements, performance.now()),
    authenticate: () => Promise.resolve(),
    notice: (sentence) => void noticed.push(sentence),
  }
  const send = () =>
    sendAsFated(fan, {
      step: 'release',
      send: (options) => client.holds.release.mutate({ event: 'evt', hold: 'ord' }, options),
      gist: ({ released }) => `released ${released}`,
    })
  const count = () =>
    measurements.figures({ openedAtMs: 0, fullUntilMs: 1 }).steps.release?.count ?? 0
  return { send, noticed, count, left: queue }
}

const answer = (released: boolean) => () =>
  Promise.resolve(Response.json({ result: { data: { released } } }))
const refusal = () =>
  Promise.resolve(
    Response.json(
      {
        error: {
          message: 'taken',
          code: -32_009,
          data: {
            code: 'CONFLICT',
            httpStatus: 409,
            refusal: { code: 'SEATS_TAKEN', message: 'taken', transient: false },
          },
        },
      },
      { status: 409 },
    ),
  )

function orAborted(work: Promise<Response>, init: RequestInit | undefined): Promise<Response> {
  return new Promise((resolve, reject) => {
    init?.signal?.addEventListener('abort', () => reject(init.signal?.reason as Error))
    work.then(resolve, reject)
  })
}

describe('the manners of sending', () => {
  it('most send once', async () => {
    const { send, count, left } = fanAt('buys', [answer(true), answer(true)])
    expect(await send()).toEqual({ released: true })
    expect([count(), left.length]).toEqual([1, 1])
  })

  it('twins send twice, and both are measured', async () => {
    const { send, count, noticed } = fanAt('twins', [answer(true), answer(true)])
    expect(await send()).toEqual({ released: true })
    expect([count(), noticed]).toEqual([2, []])
  })

  it('twins notice two answers to one wish', async () => {
    const { send, noticed } = fanAt('twins', [answer(true), answer(false)])
    await send()
    expect(noticed).toEqual([
      'fan 7 got two answers to one release: released true and released false',
    ])
  })

  it('twins are refused when one of them is', async () => {
    const { send } = fanAt('twins', [answer(true), refusal])
    await expect(send()).rejects.toMatchObject({ code: 'SEATS_TAKEN' })
  })

  it('a lost answer is asked for again, and only the second one is measured', async () => {
    const never = () => new Promise<Response>(() => undefined)
    const { send, count, noticed } = fanAt('lost-answers', [never, answer(true)])
    expect(await send()).toEqual({ released: true })
    expect([count(), noticed]).toEqual([1, []])
  })

  it('an answer that came all the same must be that of the repetition', async () => {
    const { send, noticed } = fanAt('lost-answers', [answer(false), answer(true)])
    await send()
    expect(noticed).toHaveLength(1)
  })
})
