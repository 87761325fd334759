/**
 * The hold books of a region forget who has some of the sold places, as after a lost write or bits
 * that fell over: the book and SQL disagree, and nobody is told.
 */
import type { Redis } from 'ioredis'
import type { LocalSystem } from '../../regions/local/start-local.ts'
import type { Fault } from './fault.ts'
import { atRedis } from './redis-client.ts'
import { redisRegion } from './redis-faults.ts'

/** The books of one region's Redis as server/gateways/redis-hold-book/keys.ts names them. */
const bitmaps = 'frontrow:{*}:*:bitmap'
/** Not those that are only being prepared. */
const bitmapOfEpoch = /^frontrow:(\{[^}]+\}):(\d+):bitmap$/
const parts = ['bitmap', 'owners', 'records', 'counts', 'due']
const scanCount = 1_000

/**
 * In one step, so that a book never contradicts itself: a unit is sold (2) if and only if it has an
 * owner (a book without any has one of no number). Of the sold ones a share is forgotten, by their
 * numbers.
 */
const forget = `
local forgotten = 0
for _, unit in ipairs(redis.call('HKEYS', KEYS[2])) do
  local number = tonumber(unit)
  local state = number and redis.call('BITFIELD', KEYS[1], 'GET', 'u2', '#' .. unit)[1]
  if state == 2 and number % 100 < tonumber(ARGV[1]) then
    redis.call('BITFIELD', KEYS[1], 'SET', 'u2', '#' .. unit, 0)
    redis.call('HDEL', KEYS[2], unit)
    forgotten = forgotten + 1
  end
end
return forgotten`

/** Of each event that of its newest epoch: nobody serves former ones, which die by their expiry. */
async function newestBitmaps(redis: Redis): Promise<string[]> {
  const newest = new Map<string, { readonly epoch: number; readonly bitmap: string }>()
  for await (const keys of redis.scanStream({ match: bitmaps, count: scanCount })) {
    for (const bitmap of keys as string[]) {
      const [, event = '', number = ''] = bitmapOfEpoch.exec(bitmap) ?? []
      if (event === '') continue
      const epoch = Number(number)
      if (epoch > (newest.get(event)?.epoch ?? -1)) newest.set(event, { epoch, bitmap })
    }
  }
  return [...newest.values()].map(({ bitmap }) => bitmap)
}

async function forgetIn(redis: Redis, share: number): Promise<Forgotten[]> {
  const found: Forgotten[] = []
  for (const bitmap of await newestBitmaps(redis)) {
    const owners = bitmap.replace(/bitmap$/, 'owners')
    const units = Number(await redis.eval(forget, 2, bitmap, owners, String(share * 100)))
    if (units > 0) found.push({ bitmap, units })
  }
  return found
}

type Forgotten = { readonly bitmap: string; readonly units: number }

/**
 * Healed by taking away those books that forgot something and are still the newest: they are built
 * anew from SQL, as an operator would have it done.
 * Felt: places that are sold, and that the books give to whoever asks.
 * @param share of the sold places, from 0 to 1
 */
export function redisWrongBook(system: LocalSystem, name: string, share: number): Fault {
  const region = redisRegion(system, name)
  let books: readonly Forgotten[] = []
  let felt = 0
  return {
    kind: 'redis.wrong-book',
    where: `${name}/redis`,
    said: `the hold books of ${name} forget who has ${Math.round(share * 100)} % of the sold places`,
    inject: async () => {
      if (books.length > 0) return
      books = await atRedis(region, (redis) => forgetIn(redis, share))
      felt = books.reduce((sum, { units }) => sum + units, 0)
    },
    heal: async () => {
      await atRedis(region, async (redis) => {
        const newest = new Set(await newestBitmaps(redis))
        for (const { bitmap } of books) {
          if (!newest.has(bitmap)) continue
          await redis.del(...parts.map((part) => bitmap.replace(/bitmap$/, part)))
        }
      })
      books = []
    },
    isHealed: async () => books.length === 0,
    felt: async () => felt,
  }
}
