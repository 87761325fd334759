/**
 * Three regions with real processes, told in order over one system: regions are lost, emptied,
 * wiped and cut off under load, and what fans were told stays true. How fast all of it goes is for
 * `npm run bench:failover`; here nothing is timed.
 */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { Crowd } from '../../bench/failover/crowd.ts'
import { type Drill, openDrill } from '../../bench/failover/drill.ts'
import { loseRegion } from '../../bench/failover/lose-region.ts'
import { drain } from '../../bench/failover/moves.ts'
import { restore, untilFollowed } from '../../bench/failover/restore.ts'
import { endReservations, settledFaults, verdictOfRows } from '../../bench/failover/verdict.ts'
import { createClient, FrontrowError } from '../../client/index.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import { describeUnless } from '../support/skip.ts'

const slow = { timeout: 180_000 }
const [us, eu, asia] = ['us-east1', 'europe-west1', 'asia-southeast1'] as const
const card = 'pm_card_visa'

describeUnless(redisMissing(), 'three regions, told in order', () => {
  let drill: Drill
  let people = 0
  beforeAll(async () => {
    drill = await openDrill({ environment: process.env, latency: false })
    await untilFollowed(drill)
  }, 180_000)
  afterAll(() => drill?.[Symbol.asyncDispose](), 60_000)

  const eventOf = (home: string) => drill.events[home]?.id ?? ''
  const fanAt = async (place: string) => {
    people += 1
    return drill.clientAt(place, await drill.token({ name: `person-${people}` }))
  }
  /** Who asks this server and no other, once. */
  const fanOf = async (region: string) => {
    people += 1
    const token = await drill.token({ name: `person-${people}` })
    const { url } = drill.region(region)
    return createClient({ endpoints: [url], token, attemptsMax: 1, deadlineMs: 6_000 })
  }
  type Fan = Awaited<ReturnType<typeof fanAt>>
  const hold = (fan: Fan, home: string, unit: number) =>
    fan.holds.place.mutate({
      event: eventOf(home),
      key: fan.newKey(),
      seats: { kind: 'units', units: [unit] },
    })
  const codeOf = (call: Promise<unknown>) =>
    call.then(
      () => 'done',
      (cause: unknown) => {
        if (cause instanceof FrontrowError) return cause.transient ? 'transient' : cause.code
        throw cause
      },
    )
  const sellsFor = (home: string, region: string) => async () =>
    (await drill.authorityOf(home)).region === region

  it('loses one of them, and nothing that a fan was told', slow, async () => {
    const shy = await fanAt(eu)
    const held = await hold(shy, us, 12_000)
    const { payment, order } = await shy.checkout.start.mutate({ holdToken: held.token })
    // The bank says yes, and nobody tells us: neither the fan nor, as its region is lost, a webhook.
    await drill.links.setFault('stripe/regions', { kind: 'black-hole' })
    await payAtStripe(drill, payment?.clientSecret ?? '')
    const plan = { victim: us, fans: 6, seed: 1, waitingHolds: 20, salesBefore: 4, name: 'lost' }
    const loss = await loseRegion(drill, plan)
    expect({ lost: loss.lost, twice: loss.twice }).toEqual({ lost: [], twice: [] })
    expect(loss.by).toBe(eu)
    expect(loss.liveHolds).toBeGreaterThanOrEqual(plan.waitingHolds)
    expect(loss.holdsKept).toBe(loss.liveHolds)
    expect(loss.lifeOffMs).toBeLessThan(5_000)
    expect(loss.troubles.filter(({ transient }) => !transient)).toEqual([])
    await drill.links.heal()
    await endReservations(drill)
    const look = async () => (await shy.orders.get.query({ order: order.id })).state
    await eventually(async () => (await look()) === 'paid', { what: 'paid', timeoutMs: 60_000 })
  })

  it('moves sales away and back under load, and no fan notices', slow, async () => {
    const crowd = new Crowd(drill, { fans: 6, seed: 2, wanted: eu, name: 'moved' })
    try {
      for (const _ of [1, 2]) {
        const sold = () => crowd.paid.filter(({ home }) => home === eu).length
        const before = sold()
        await drain(drill, eu)
        expect((await drill.authorityOf(eu)).region).not.toBe(eu)
        await eventually(() => sold() > before, { what: 'it is sold', timeoutMs: 60_000 })
        await untilFollowed(drill)
        await restore(drill, eu)
        await untilFollowed(drill)
      }
    } finally {
      await crowd.end()
    }
    expect(crowd.troubles.filter(({ transient }) => !transient)).toEqual([])
    expect(await verdictOfRows(drill, crowd.paid)).toEqual({ lost: [], twice: [] })
  })

  it('finds the holds of a wiped Redis with those who follow', slow, async () => {
    const fans = await Promise.all([1, 2, 3, 4].map(() => fanAt(asia)))
    const held = await Promise.all(fans.map((fan, unit) => hold(fan, us, 12_100 + unit)))
    await untilFollowed(drill)
    await untilCopied(drill, us)
    await withRedis(drill, us, (redis) => redis.flushall())
    for (const [index, fan] of fans.entries()) {
      const { id } = held[index] ?? { id: '' }
      expect(await fan.holds.get.query({ event: eventOf(us), hold: id })).toMatchObject({ id })
    }
    const rival = await fanAt(us)
    expect(await codeOf(hold(rival, us, 12_100))).toBe('SEATS_TAKEN')
  })

  it(
    'refuses holds while a Redis is full, for the moment, and sells what is held',
    slow,
    async () => {
      const fan = await fanAt(eu)
      const held = await hold(fan, eu, 12_200)
      await withRedis(drill, eu, (redis) => redis.config('SET', 'maxmemory', '1'))
      expect(await codeOf(hold(await fanOf(eu), eu, 12_201))).toBe('transient')
      const { order } = await fan.checkout.start.mutate({ holdToken: held.token })
      const paid = await fan.checkout.confirm.mutate({ order: order.id, paymentMethod: card })
      expect(paid.order.state).toBe('paid')
      await withRedis(drill, eu, (redis) => redis.config('SET', 'maxmemory', '0'))
      expect(await codeOf(hold(await fanAt(asia), eu, 12_201))).toBe('done')
    },
  )

  it('has a follower that hears nothing for a while, and then all of it', slow, async () => {
    await drill.links.setFault(`${eu}/${us}`, { kind: 'black-hole' })
    const fan = await fanAt(us)
    for (const unit of [0, 1, 2, 3]) await hold(fan, us, 12_300 + unit)
    await drill.links.heal()
    await untilFollowed(drill)
    await untilCopied(drill, us)
  })

  it('takes the sales from one that the database does not hear or answer', slow, async () => {
    const deaf = await fanOf(asia)
    expect(await codeOf(hold(deaf, asia, 12_400))).toBe('done')
    await drill.links.setFault(`${asia}/database`, { kind: 'one-way', lost: 'back' })
    await eventually(sellsFor(asia, eu), { what: 'a takeover', timeoutMs: 60_000 })
    expect(await codeOf(hold(await fanAt(us), asia, 12_401))).toBe('done')
    expect(await codeOf(hold(await fanOf(asia), asia, 12_401))).not.toBe('done')
    await drill.links.heal()
    await untilFollowed(drill)
    await restore(drill, asia)
    await untilFollowed(drill)
    expect(await codeOf(hold(await fanOf(asia), asia, 12_402))).toBe('done')
  })

  it('tries a card once for a key, whichever region does it', slow, async () => {
    const fan = await fanAt(us)
    const { token: holdToken } = await hold(fan, us, 12_500)
    const { order } = await fan.checkout.start.mutate({ holdToken })
    const declined = { order: order.id, key: fan.newKey(), paymentMethod: 'pm_card_chargeDeclined' }
    const pay = () => codeOf(fan.checkout.confirm.mutate(declined))
    expect(await pay()).toBe('CARD_DECLINED')
    await drain(drill, us)
    expect((await drill.authorityOf(us)).region).not.toBe(us)
    expect(await pay()).toBe('CARD_DECLINED')
    await untilFollowed(drill)
    await restore(drill, us)
    await untilFollowed(drill)
  })

  it('knows no event of a region that is not one of them', async () => {
    const fan = await fanAt(us)
    const [, , suffix] = eventOf(us).split('_')
    const seats = { kind: 'units' as const, units: [1] }
    const wish = { event: `evt_mars1_${suffix}`, key: fan.newKey(), seats }
    expect(await codeOf(fan.holds.place.mutate(wish))).toBe('NOT_FOUND')
    const ask = fan.checkout.status.query({ order: `ord_mars1_${suffix}` })
    expect(await codeOf(ask)).toBe('NOT_FOUND')
  })

  it('agrees to the cent when all is done', { timeout: 240_000 }, async () => {
    expect(await settledFaults(drill)).toEqual([])
  })
})

async function withRedis<Answer>(
  drill: Drill,
  region: string,
  ask: (redis: Redis) => Promise<Answer>,
): Promise<Answer> {
  const redis = new Redis(drill.region(region).redisUrl ?? '')
  try {
    return await ask(redis)
  } finally {
    redis.disconnect()
  }
}

/** Both others have the last change of what this home region's authority wrote. */
async function untilCopied(drill: Drill, home: string): Promise<void> {
  const { region, epoch } = await drill.authorityOf(home)
  const key = `frontrow:changes:${home}:${epoch}:head`
  const isCopied = async () => {
    const last = Number(await withRedis(drill, region, (redis) => redis.hget(key, 'last')))
    const { regions } = await (await drill.admin()).admin.regions.status.query({})
    const own = regions.flatMap(({ followers }) => followers.filter((one) => one.home === home))
    return own.length === 2 && own.every(({ position }) => position === last)
  }
  await eventually(isCopied, { what: `${home} is copied`, timeoutMs: 60_000 })
}

/** As Stripe.js in the fan's browser does it. */
async function payAtStripe({ system }: Drill, clientSecret: string): Promise<void> {
  const [intent] = clientSecret.split('_secret_')
  const answer = await fetch(`${system.stripeUrl}/v1/payment_intents/${intent}/confirm`, {
    method: 'POST',
    headers: {
      authorization: 'Bearer sk_test_of_a_browser',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ payment_method: card }).toString(),
  })
  const { status } = (await answer.json()) as { status?: string }
  expect(status).toBe('requires_capture')
}
