/**
 * Reads what is the caller's own, at least as new as they have seen it: from the copy that may be
 * old, again from the database when that shows, and if newer cannot be had, the old answer, which
 * then says so. Only a look: whatever is decided is read fresh.
 */
import { ContentionError, DatabaseUnavailableError } from '../stores/outcome.ts'
import type { Freshness } from '../stores/stale-reading.ts'
import type { Services } from './services.ts'
import type { Viewer } from './session.ts'

export type OwnRead<T> = {
  /** The home region of what is read. */
  readonly region: string
  /** Several things, of which the copy may lack one that nobody here has heard of. */
  readonly isList: boolean
  readonly read: (as: Freshness) => Promise<T>
  /** The client has seen newer. */
  readonly isOld: (answer: T) => boolean
  /** An old answer is better than none; unless told, any is. */
  readonly isWorthShowing?: (answer: T) => boolean
}

export async function asSeen<T>(
  services: Pick<Services, 'db' | 'region'>,
  { session }: Pick<Viewer, 'session'>,
  own: OwnRead<T>,
): Promise<T> {
  // Here the database is as near as the copy. A list is left to the copy all the same, by whoever
  // would notice what it lacks; and to whoever asks from afar, since a WAN round trip is saved.
  const isHome = own.region === services.region
  if (isHome && !(own.isList && session.remembers)) return own.read('fresh')
  const answer = await own.read('history')
  if (!own.isOld(answer)) return answer
  try {
    return await services.db.againGate.pass(own.region, () => own.read('soon'))
  } catch (cause) {
    const isAway = cause instanceof DatabaseUnavailableError || cause instanceof ContentionError
    if (!isAway || own.isWorthShowing?.(answer) === false) throw cause
    session.showsOlder()
    return answer
  }
}
