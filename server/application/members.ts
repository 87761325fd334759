/**
 * What a person may do beyond what every fan may, from a small cache: one flight a person, at most
 * limits.standingCacheMs old, so that a role that was taken away is gone within seconds although
 * tokens are checked without a database.
 */
import { LRUCache } from 'lru-cache'
import type { Role } from '../domain/access.ts'
import type { OrganisationId } from '../platform/ids.ts'
import { limits } from '../platform/limits.ts'
import type { Database } from '../stores/database.ts'
import { findStanding, type Standing } from '../stores/memberships.ts'
import { reading } from '../stores/reading.ts'

type Loading = { readonly standing: Promise<Standing>; readonly freshUntilMs: number }

export class Members {
  readonly #db: Database
  readonly #known = new LRUCache<string, Loading>({ max: limits.standingCacheEntriesMax })

  constructor(db: Database) {
    this.#db = db
  }

  async roleOn(person: string, organisation: OrganisationId): Promise<Role | null> {
    return (await this.standingOf(person)).roles.get(organisation) ?? null
  }

  async isPlatformAdmin(person: string): Promise<boolean> {
    return (await this.standingOf(person)).platformAdmin
  }

  /** Reads it again at the next question; other servers do so within limits.standingCacheMs. */
  forget(person: string): void {
    this.#known.delete(person)
  }

  /** All roles at once, for whoever must judge before it is known which organisation is meant. */
  standingOf(person: string): Promise<Standing> {
    const nowMs = this.#db.clock.monotonicMs()
    const known = this.#known.get(person)
    if (known !== undefined && nowMs < known.freshUntilMs) return known.standing
    const standing = reading(this.#db, 'members.standing', (reader) => findStanding(reader, person))
    const loading = { standing, freshUntilMs: nowMs + limits.standingCacheMs }
    this.#known.set(person, loading)
    // What failed is asked again by the next caller.
    standing.catch(() => {
      if (this.#known.peek(person) === loading) this.#known.delete(person)
    })
    return standing
  }
}
