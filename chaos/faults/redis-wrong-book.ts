/**
 * The hold books of a region forget who has some of the sold places, as after a lost write or bits
 * that fell over: the book and SQL disagree, and nobody is told.
 */
import type { LocalSystem } from '../../regions/local/start-local.ts'
import type { Fault } from './fault.ts'
import { atRedis } from './redis-client.ts'
import { redisRegion } from './redis-faults.ts'

/** The books of one region's Redis as server/gateways/redis-hold-book/keys.ts names them. */
const bitmaps = 'frontrow:{*}:*:bitmap'
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

type Forgotten = { readonly bitmap: string; readonly units: number }

/**
 * Healed by taking the books away: they are built anew from SQL, as an operator would have it done.
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
      books = await atRedis(region, async (redis) => {
        const found: Forgotten[] = []
        for await (const keys of redis.scanStream({ match: bitmaps, count: scanCount })) {
          for (const bitmap of keys as string[]) {
            const owners = bitmap.replace(/bitmap$/, 'owners')
            const units = await redis.eval(forget, 2, bitmap, owners, String(share * 100))
            found.push({ bitmap, units: Number(units) })
          }
        }
        return found
      })
      felt = books.reduce((sum, { units }) => sum + units, 0)
    },
    heal: async () => {
      await atRedis(region, async (redis) => {
        for (const { bitmap } of books) {
          await redis.del(...parts.map((part) => bitmap.replace(/bitmap$/, part)))
        }
      })
      books = []
    },
    isHealed: async () => books.length === 0,
    felt: async () => felt,
  }
}
