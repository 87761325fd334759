/**
 * Whether an event's book in Redis agrees with itself, read key by key and not through the book:
 * what book.lua says holds after every script.
 */
import type { Redis } from 'ioredis'
import type { HoldScope } from '../../server/domain/hold-book.ts'
import { stateAt } from '../../server/domain/units.ts'
import { bookKeys } from '../../server/gateways/redis-hold-book/keys.ts'

/** @returns what is wrong, in words; empty when nothing is. Nobody may write meanwhile. */
export async function auditBook(redis: Redis, scope: HoldScope): Promise<string[]> {
  const keys = bookKeys(scope)
  const bitmap = (await redis.getBuffer(keys.bitmap)) ?? Buffer.alloc(0)
  const owners = await redis.hgetall(keys.owners)
  const records = await redis.hgetall(keys.records)
  const counts = await redis.hgetall(keys.counts)
  const due = new Set(await redis.zrangebyscore(keys.due, '-inf', '+inf'))
  const wrong: string[] = []
  const check = (isRight: boolean, what: string) => {
    if (!isRight) wrong.push(what)
  }
  for (const part of [owners, records, counts]) delete part['']
  const counted = new Map<string, number>()
  for (let unit = 0; unit < scope.seatMap.units; unit += 1) {
    const state = stateAt(bitmap, unit)
    const owner = owners[String(unit)]
    const isOwned = state === 'held' || state === 'sold'
    check(isOwned === (owner !== undefined), `unit ${unit} is ${state}, owner ${owner}`)
    if (owner === undefined) continue
    const split = owner.indexOf(' ')
    const [id, buyer] = [owner.slice(0, split), owner.slice(split + 1)]
    counted.set(buyer, (counted.get(buyer) ?? 0) + 1)
    if (state !== 'held') continue
    const record = records[id]?.startsWith('{') ? JSON.parse(records[id]) : null
    check(record?.units.includes(unit) === true, `unit ${unit} is held by ${id} without a record`)
  }
  for (const [id, text] of Object.entries(records)) {
    check(due.has(id), `${id} is never due`)
    if (!text.startsWith('{')) continue
    for (const unit of JSON.parse(text).units as number[]) {
      check(owners[unit]?.startsWith(`${id} `) === true, `${id} has lost unit ${unit}`)
    }
  }
  const buyers = new Set([...counted.keys(), ...Object.keys(counts)])
  for (const buyer of buyers) {
    const [said, is] = [Number(counts[buyer] ?? 0), counted.get(buyer) ?? 0]
    check(said === is, `${buyer} is counted ${said}, has ${is}`)
  }
  const names = Object.values(keys)
  const script =
    "local t = {} for i, k in ipairs(KEYS) do t[i] = redis.call('PTTL', k) end return t"
  const lives = (await redis.eval(script, names.length, ...names)) as number[]
  check(Math.min(...lives) > 0, `a key never expires: ${lives.join()}`)
  check(Math.max(...lives) - Math.min(...lives) < 5, `keys expire apart: ${lives.join()}`)
  return wrong
}
