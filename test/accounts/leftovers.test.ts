/** What has long expired is deleted, of one region, a bounded number at a time. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../server/platform/clock.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { deleteLeftovers } from '../../server/stores/accounts/leftovers.ts'
import { openDatabase } from '../../server/stores/database.ts'
import { region } from '../support/sale-system.ts'
import {
  type AccountsSystem,
  newKey,
  newMember,
  openAccounts,
  otherRegion,
  signedIn,
} from './open-accounts.ts'

let system: AccountsSystem
beforeAll(async () => {
  system = await openAccounts()
})
afterAll(async () => {
  await system[Symbol.asyncDispose]()
})

describe('leftovers of accounts', () => {
  it('go, and what is alive or of another region stays', async () => {
    const gone = await newMember(system)
    const alive = await signedIn(system, gone.email)
    await newMember(system, { homeRegion: otherRegion })
    const id = gone.tokens.refreshToken.split('.')[1]
    const past = "expires_at = now() - interval '2 days'"
    await system.sql(`update refresh_families set ${past} where id = $1 or region = $2`, [
      id,
      otherRegion,
    ])
    await system.sql(`update sessions set ${past} where region = $1`, [otherRegion])
    await using db = openDatabase({
      url: system.databaseUrl,
      poolMax: 2,
      clock: systemClock,
      random: systemRandom,
    })
    expect(await deleteLeftovers(db, region, 100)).toBe(1)
    expect(await deleteLeftovers(db, region, 100)).toBe(0)
    const { refreshToken } = alive.tokens
    await system.nobody.accounts.refresh.mutate({ refreshToken, key: newKey() })
    expect(await deleteLeftovers(db, otherRegion, 1)).toBe(2)
  })
})
