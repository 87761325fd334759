/**
 * The Redis of a living region is emptied under it, with an event of the largest size and thousands
 * of holds in its book: how soon the next fan is answered, and which holds are still there.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import pLimit from 'p-limit'
import { type Client, createClient, FrontrowError } from '../../client/index.ts'
import type { Drill } from './drill.ts'
import { untilFollowed } from './restore.ts'

const sections = 10
const unitsEach = 10_000
const fans = 600
/** As many as one person may have. */
const holdsEach = 4
const fansAtOnce = 16
/** The last changes are with the followers by then. */
const copiedAfterMs = 2_000
const hourMs = 3_600_000

export type Wipe = {
  readonly units: number
  readonly holds: number
  readonly firstAnswerMs: number
  readonly holdsBack: number
}

type Own = { readonly client: Client; readonly holds: readonly string[] }

export async function wipedRedis(drill: Drill): Promise<Wipe> {
  const [home = ''] = drill.names
  const event = await publishLargest(drill, home)
  const owners = await holdMany(drill, { home, event })
  await wait(copiedAfterMs)
  await untilFollowed(drill)
  const redis = new Redis(drill.region(home).redisUrl ?? '')
  await redis.flushall()
  redis.disconnect()
  const startedMs = performance.now()
  const [first] = owners
  if (first === undefined) throw new RangeError('nobody holds anything')
  await answered(first, event)
  const firstAnswerMs = performance.now() - startedMs
  const there = await pLimit(fansAtOnce).map(owners, async ({ client, holds }) => {
    const looks = holds.map((hold) =>
      client.holds.get.query({ event, hold }).then(
        () => 1,
        (cause: unknown) => {
          if (cause instanceof FrontrowError && cause.code === 'NOT_FOUND') return 0
          throw cause
        },
      ),
    )
    return (await Promise.all(looks)).reduce<number>((sum, one) => sum + one, 0)
  })
  return {
    units: sections * unitsEach,
    holds: owners.reduce((sum, { holds }) => sum + holds.length, 0),
    firstAnswerMs,
    holdsBack: there.reduce((sum, one) => sum + one, 0),
  }
}

async function answered({ client, holds: [hold = ''] }: Own, event: string): Promise<void> {
  try {
    await client.holds.get.query({ event, hold })
  } catch (cause) {
    if (!(cause instanceof FrontrowError && cause.code === 'NOT_FOUND')) throw cause
  }
}

type Place = { readonly home: string; readonly event: string }

function holdMany(drill: Drill, { home, event }: Place): Promise<Own[]> {
  return pLimit(fansAtOnce).map([...Array(fans).keys()], async (fan) => {
    const token = await drill.token({ name: `wipe-${fan}` })
    const client = createClient({ endpoints: [drill.region(home).url], token })
    const holds: string[] = []
    for (let index = 0; index < holdsEach; index += 1) {
      const seats = { kind: 'units' as const, units: [fan * holdsEach + index] }
      holds.push((await client.holds.place.mutate({ event, key: client.newKey(), seats })).id)
    }
    return { client, holds }
  })
}

async function publishLargest(drill: Drill, home: string): Promise<string> {
  const { organisation, token, region } = drill
  const own = await token({ name: 'drill-organiser', roles: { [organisation]: 'manager' } })
  const { admin } = createClient({ endpoints: [region(home).url], token: own, deadlineMs: 120_000 })
  const { items } = await admin.venues.list.query({ organisation })
  const venue = items[0]?.id ?? ''
  const names = Array.from({ length: sections }, (_, index) => `Field ${index + 1}`)
  const map = {
    name: 'The largest',
    sections: names.map((name) => ({ name, kind: 'standing', capacity: unitsEach })),
  }
  const content = Buffer.from(JSON.stringify(map)).toString('base64')
  const { hash } = await admin.seatMaps.import.mutate({
    organisation,
    venue,
    format: 'json',
    content,
  })
  const at = (ms: number) => new Date(Date.now() + ms).toISOString()
  const { id, version } = await admin.events.create.mutate({
    organisation,
    venue,
    seatMapHash: hash,
    name: 'The largest of all',
    description: 'For the drill of a wiped Redis.',
    category: 'concert',
    opensAt: at(-hourMs),
    closesAt: at(24 * hourMs),
    startsAt: at(24 * hourMs),
    limitPerBuyer: holdsEach,
    holdMinutes: 10,
    currency: 'USD',
    fees: { fixed: 100, basisPoints: 0 },
  })
  const tiers = [{ id: 'field', name: 'Field', sections: names, rules: [{ price: 5_000 }] }]
  await admin.events.setPrices.mutate({ organisation, event: id, version, tiers })
  await admin.events.publish.mutate({ organisation, event: id })
  return id
}
