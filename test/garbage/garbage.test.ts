/**
 * A walk over every procedure and every route with what nobody can mean. FRONTROW_GARBAGE_CASES
 * says how many cases, FRONTROW_GARBAGE_SEED which ones.
 */
import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { procedures } from '../access/procedures.ts'
import { allCases, judgeOf } from './families.ts'
import { type Ground, openGround, residentMegabytesMax } from './ground.ts'
import { declaredRoutes } from './routes.ts'
import { openSender, type Sender } from './send.ts'
import { type Keeper, openKeeper } from './unchanged.ts'
import { validInput } from './valid-input.ts'
import { walk } from './walk.ts'

const seed = Number(process.env['FRONTROW_GARBAGE_SEED'] ?? randomInt(2 ** 31))
const count = Number(process.env['FRONTROW_GARBAGE_CASES'] ?? 20_000)

let ground: Ground
let sender: Sender
let keeper: Keeper
beforeAll(async () => {
  process.stdout.write(`FRONTROW_GARBAGE_SEED=${seed} FRONTROW_GARBAGE_CASES=${count}\n`)
  ground = await openGround()
  sender = openSender(ground.system.url, 12)
  keeper = await openKeeper(ground.system.sql, ground.system.redis?.url ?? null)
})
afterAll(async () => {
  sender?.close()
  await keeper?.[Symbol.asyncDispose]()
  await ground?.[Symbol.asyncDispose]()
})

describe('what is generated', () => {
  it.each(procedures)('for $path is mostly what its schema takes', ({ path, input }) => {
    const drawn = fc.sample(validInput(input, ground.known), { seed, numRuns: 100 })
    const taken = drawn.filter((json) => input.safeParse(json).success)
    expect({ path, taken: taken.length >= 30 }).toEqual({ path, taken: true })
  })
})

describe('garbage', () => {
  // Two minutes on two cores of their own; a bound against standing still, not a measure.
  it('is refused', { timeout: 1_200_000 }, async () => {
    const { judge, mayChange, tally } = judgeOf(ground, sender)
    let residentMegabytes = 0
    const walked = await walk({
      cases: allCases(ground, await declaredRoutes()),
      seed,
      count,
      keeper,
      mayChange,
      judge,
      logged: ground.logged,
      betweenBlocks: async () => {
        await ground.renew()
        await ground.stillSells()
        residentMegabytes = Math.max(residentMegabytes, await ground.residentMegabytes())
      },
    })
    const answers = Object.fromEntries([...tally].sort(([a], [b]) => (a < b ? -1 : 1)))
    process.stdout.write(`${JSON.stringify({ ...walked, residentMegabytes, answers }, null, 1)}\n`)
    expect(residentMegabytes).toBeLessThan(residentMegabytesMax)
  })
})
