/**
 * What this client has seen, as the server wrote it down: sent with every request, so that a fan
 * reads their own writes in whichever region answers. Nobody here looks inside.
 */
import { clientLimits } from './client-limits.ts'
import type { Fetch } from './whole-answer-fetch.ts'

const header = 'x-frontrow-seen'

export class SessionToken {
  #parts: readonly string[] = []

  /** Null: nothing was seen. */
  get seen(): string | null {
    return this.#parts.length === 0 ? null : this.#parts.join(',')
  }

  /** Takes what a page kept; what cannot be a token is as good as none. */
  set seen(kept: string | null) {
    this.#parts = bounded(partsOf(kept))
  }

  /**
   * A server's answer replaces what it was sent. Of answers that cross, neither knows of the other:
   * both are kept, as a list, until one answer replaces them.
   */
  heard(answer: string | null, sent: string | null): void {
    const parts = partsOf(answer)
    if (parts.length === 0) return
    const replaced = new Set([...partsOf(sent), ...parts])
    this.#parts = bounded([...this.#parts.filter((part) => !replaced.has(part)), ...parts])
  }
}

/** The same fetch, with the token sent and kept. */
export function sessionFetch(fetch: Fetch, session: SessionToken): Fetch {
  return async (url, init = {}) => {
    const sent = session.seen
    const headers = new Headers(init.headers)
    if (sent !== null) headers.set(header, sent)
    const response = await fetch(url, { ...init, headers })
    session.heard(response.headers.get(header), sent)
    return response
  }
}

function partsOf(text: string | null): readonly string[] {
  if (text === null) return []
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => /^[\x21-\x7e]+$/.test(part))
}

/** The oldest parts go first: what they tell has most probably arrived everywhere. */
function bounded(parts: readonly string[]): readonly string[] {
  const kept = [...parts]
  while (kept.join(',').length > clientLimits.sessionCharactersMax) kept.shift()
  return kept
}
