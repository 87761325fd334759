/**
 * Planned moves between two real servers, each with a Redis of its own: holds go along, sales go
 * on, and a move that cannot lose nothing is not made.
 */
import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { eu, openRegions, type Regions, us } from '../forwarding/open-regions.ts'
import { eventually } from '../support/eventually.ts'
import { redisMissing } from '../support/redis.ts'
import {
  type Api,
  apiAt,
  openSaleSystem,
  refusalOf,
  tokenFor,
  tokensFor,
} from '../support/sale-system.ts'
import { describeUnless } from '../support/skip.ts'

const rootAt = (url: string): Api => apiAt(url, tokensFor(url, { name: 'root', admin: true }))

describeUnless(redisMissing(), 'a planned move', () => {
  let regions: Regions
  let root: Api
  let fan: Api
  let event: string
  beforeEach(async () => {
    regions = await openRegions({ book: 'redis', isKept: true })
    event = await regions.newEvent()
    root = rootAt(regions.at(eu).url)
    fan = await regions.fan(us, 'ann')
    await eventually(followsEachOther, { what: 'each region follows the other', timeoutMs: 30_000 })
  })
  afterEach(() => regions[Symbol.asyncDispose]())

  const statusOf = async (name: string) => {
    const { regions: all } = await root.admin.regions.status.query({})
    const found = all.find((one) => one.name === name)
    if (found === undefined) throw new Error(`no region ${name}`)
    return found
  }
  async function followsEachOther() {
    const [one, other] = [await statusOf(us), await statusOf(eu)]
    return [one, other].every(({ followers }) => followers[0]?.state === 'following')
  }
  const place = (units: number[]) =>
    fan.holds.place.mutate({ event, key: randomUUID(), seats: { kind: 'units', units } })

  it('takes the holds along, there and back, and the fan buys what was held at first', async () => {
    const held = await place([3, 4])
    const { moved } = await root.admin.regions.drain.mutate({ region: us })
    expect(moved).toMatchObject([{ home: us, from: us, to: eu, epoch: 2 }])
    expect(await statusOf(us)).toMatchObject({ drained: true, homes: [] })
    const there = await fan.holds.get.query({ event, hold: held.id })
    expect(there.lines.map(({ unit }) => unit)).toEqual([3, 4])
    const taken = fan.holds.place.mutate({
      event,
      key: randomUUID(),
      seats: { kind: 'units', units: [4] },
    })
    expect(await refusalOf(taken)).toMatchObject({ code: 'SEATS_TAKEN' })
    const meanwhile = await place([5])
    const back = await root.admin.regions.restore.mutate({ region: us })
    expect(back.moved).toMatchObject([{ home: us, from: eu, to: us, epoch: 3 }])
    for (const { id } of [held, meanwhile]) await fan.holds.get.query({ event, hold: id })
    const { order } = await fan.checkout.start.mutate({ holdToken: held.token })
    const key = randomUUID()
    const paid = await fan.checkout.confirm.mutate({
      order: order.id,
      key,
      paymentMethod: 'pm_card_visa',
    })
    expect(paid.order.state).toBe('paid')
    expect(await statusOf(us)).toMatchObject({ drained: false, homes: [{ home: us, epoch: 3 }] })
  })

  it('says nothing was left to move the second time', async () => {
    await root.admin.regions.drain.mutate({ region: us })
    expect(await root.admin.regions.drain.mutate({ region: us })).toEqual({ moved: [] })
    await root.admin.regions.restore.mutate({ region: us })
    expect(await root.admin.regions.restore.mutate({ region: us })).toEqual({ moved: [] })
  })

  it('leaves its trace: who asked, what there was before and what moved', async () => {
    await root.admin.regions.drain.mutate({ region: us })
    const { items } = await root.admin.audit.platform.query({})
    const ended = items.find(
      ({ action, phase }) => action === 'admin.regions.drain' && phase === 'ended',
    )
    expect(ended).toMatchObject({ outcome: 'done', after: { moved: [{ home: us, to: eu }] } })
  })

  it('is not made where no other region is ready, and sales go on', async () => {
    await regions.at(eu).stop()
    const near = rootAt(regions.at(us).url)
    const refused = await refusalOf(near.admin.regions.drain.mutate({ region: us }))
    expect(refused).toMatchObject({ code: 'UNAVAILABLE', transient: true })
    await near.admin.regions.restore.mutate({ region: us })
    await place([7])
  })

  it('refuses what is no region, and no other region', async () => {
    for (const wish of [
      { region: 'mars-north1' },
      { region: us, to: 'mars-north1' },
      { region: us, to: us },
    ]) {
      const refused = await refusalOf(root.admin.regions.drain.mutate(wish))
      expect(refused.code).toBe('BAD_INPUT')
    }
    expect((await statusOf(us)).drained).toBe(false)
  })
})

describe('a server that is alone', () => {
  let root: Api
  let system: Awaited<ReturnType<typeof openSaleSystem>>
  beforeAll(async () => {
    system = await openSaleSystem()
    root = apiAt(system.url, await tokenFor(system.url, { name: 'root', admin: true }))
  })
  afterAll(() => system[Symbol.asyncDispose]())

  it('has nowhere to move anything to, and says so', async () => {
    const refused = await refusalOf(root.admin.regions.drain.mutate({ region: us }))
    expect(refused.code).toBe('WRONG_STATE')
    const { regions } = await root.admin.regions.status.query({})
    expect(regions.map(({ name }) => name)).toEqual([us])
  })
})
