/** The real server behind two proxies that are as far away as two regions, one of them lossy. */
import { setTimeout as wayOf } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { createClient } from '../../client/index.ts'
import { httpRequests } from '../support/request-readers.ts'
import { openSaleSystem, tokenFor } from '../support/sale-system.ts'
import { startTcpProxy, type Watch } from '../support/tcp-proxy.ts'

it('a hold whose answer is lost in the near region is the same hold in the far one', async () => {
  await using system = await openSaleSystem()
  const sent = { near: 0, far: 0 }
  let isCut = false
  const near: Watch = {
    before: ({ label }) => {
      if (isCut) throw new Error('the region is gone')
      if (label.includes('holds.place')) sent.near += 1
    },
    after: ({ label }) => {
      isCut ||= label.includes('holds.place')
      if (isCut) throw new Error('the region is gone')
    },
  }
  const far: Watch = {
    before: async ({ label }) => {
      if (label.includes('holds.place')) sent.far += 1
      await wayOf(100)
    },
    after: () => undefined,
  }
  const target = { host: '127.0.0.1', port: Number(new URL(system.url).port) }
  const proxyWith = (watch: Watch) => startTcpProxy({ target, reader: httpRequests, watch })
  await using farProxy = await proxyWith(far)
  await using nearProxy = await proxyWith(near)
  const endpoints = [farProxy, nearProxy].map(({ port }) => `http://127.0.0.1:${port}`)
  const client = createClient({ endpoints, token: await tokenFor(system.url, { name: 'ann' }) })
  const event = await system.newEvent()
  const seats = { kind: 'units' as const, units: [1, 2] }

  const key = client.newKey()
  const hold = await client.holds.place.mutate({ event, key, seats })
  expect(sent).toEqual({ near: 1, far: 1 })
  expect(await client.holds.place.mutate({ event, key, seats })).toMatchObject({ id: hold.id })
  expect(sent).toEqual({ near: 1, far: 2 })
  const paid = await client.buy({ key, event, seats, paymentMethod: 'pm_card_visa' })
  expect(paid.order).toMatchObject({ id: hold.id, state: 'paid' })
})
