import { describe, expect, it } from 'vitest'
import { localRegions, nearestRoundTripMs, roundTripMs } from '../local-regions.ts'
import { type LinksWish, linkPlans } from './start-links.ts'

const names = localRegions.map(({ name }) => name)
const wish: LinksWish = {
  servers: names.map((name, index) => ({ name, httpPort: 4000 + index })),
  webhookPort: 4999,
  databaseUrl: 'postgresql://me:secret@127.0.0.1:5433/frontrow',
  latency: true,
  commitLatency: false,
}

function tripsOf(changes: Partial<LinksWish>): Readonly<Record<string, number>> {
  const plans = linkPlans({ ...wish, ...changes })
  return Object.fromEntries(plans.map(({ from, to, roundTripMs: ms }) => [`${from}/${to}`, ms]))
}

describe('the links of three regions', () => {
  it('are one for each way between servers, for fans, and to the database', () => {
    expect(tripsOf({})).toEqual({
      'us-east1/europe-west1': 90,
      'us-east1/asia-southeast1': 220,
      'europe-west1/us-east1': 90,
      'europe-west1/asia-southeast1': 160,
      'asia-southeast1/us-east1': 220,
      'asia-southeast1/europe-west1': 160,
      'fans-of-us-east1/europe-west1': 90,
      'fans-of-us-east1/asia-southeast1': 220,
      'fans-of-europe-west1/us-east1': 90,
      'fans-of-europe-west1/asia-southeast1': 160,
      'fans-of-asia-southeast1/us-east1': 220,
      'fans-of-asia-southeast1/europe-west1': 160,
      'us-east1/database': 0,
      'europe-west1/database': 0,
      'asia-southeast1/database': 0,
      'stripe/regions': 0,
    })
  })

  it('are not late when told so', () => {
    expect(new Set(Object.values(tripsOf({ latency: false })))).toEqual(new Set([0]))
  })

  it('to the database are as late as the nearest other region, when asked for', () => {
    expect(tripsOf({ commitLatency: true })).toMatchObject({
      'us-east1/database': 90,
      'europe-west1/database': 90,
      'asia-southeast1/database': 160,
      'stripe/regions': 0,
    })
    const servers = wish.servers.filter(({ name }) => name !== 'europe-west1')
    expect(tripsOf({ servers, commitLatency: true })['us-east1/database']).toBe(220)
  })

  it('lead to servers, to the host that the database address names, and to the webhooks', () => {
    const target = (name: string, of = wish) =>
      linkPlans(of).find(({ from, to }) => `${from}/${to}` === name)?.target
    expect(target('us-east1/europe-west1')).toEqual({ host: '127.0.0.1', port: 4001 })
    expect(target('fans-of-us-east1/asia-southeast1')?.port).toBe(4002)
    expect(target('us-east1/database')).toEqual({ host: '127.0.0.1', port: 5433 })
    const outside = { ...wish, databaseUrl: 'postgresql://me@[::1]/frontrow' }
    expect(target('us-east1/database', outside)).toEqual({ host: '::1', port: 5432 })
    expect(target('stripe/regions')?.port).toBe(4000)
    expect(linkPlans(wish).find(({ from }) => from === 'stripe')?.port).toBe(4999)
  })

  it('need a host in the address of the database', () => {
    const socket = { ...wish, databaseUrl: 'postgresql:///frontrow?host=/var/run' }
    expect(() => linkPlans(socket)).toThrow('DATABASE_URL must name one host')
  })
})

it('a round trip is the same in both directions, and known for every pair', () => {
  for (const one of names) {
    for (const other of names.filter((name) => name !== one)) {
      expect(roundTripMs(one, other)).toBeGreaterThanOrEqual(70)
      expect(roundTripMs(one, other)).toBe(roundTripMs(other, one))
    }
  }
  expect(nearestRoundTripMs('us-east1', ['us-east1'])).toBe(0)
})
