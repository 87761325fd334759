/** A token that does not come is no fault of the crowd: regions are lost on purpose. */
import { setTimeout as wait } from 'node:timers/promises'
import type { Identity } from '../../bench/onsale/identities.ts'
import type { Ground } from '../ground/ground.ts'

const tokenWithinMs = 5_000

/** @returns null when nobody gives one in time */
export async function tokenOrNull(
  ground: Pick<Ground, 'token'>,
  identity: Identity,
): Promise<string | null> {
  const late = new AbortController()
  const timeUp = wait(tokenWithinMs, null, { signal: late.signal }).catch(() => null)
  try {
    return await Promise.race([ground.token(identity), timeUp])
  } catch {
    return null
  } finally {
    late.abort()
  }
}
