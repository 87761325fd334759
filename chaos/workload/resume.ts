/**
 * What a fan does who does not know whether a call was done: asks what became of it, or sends the
 * same again with the same key, until it is known. Bounded, so that a region that never comes back
 * leaves an outcome unknown and not a fan who waits for ever.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { toldOf } from '../history/told.ts'

const resumesMax = 12
const resumeWithinMs = 60_000
const pauseMsMin = 300
const pauseMsMax = 4_000

export type Lost<Answer> = {
  readonly again: () => Promise<Answer>
  /** Asks for it by key or state; an answer other than null is as good as the one that was lost. */
  readonly look: (() => Promise<Answer | null>) | null
  readonly cause: unknown
  readonly signal: AbortSignal
}

/** @throws the refusal that settles it, or what was lost when it stays unknown */
export async function resumed<Answer>({
  again,
  look,
  cause,
  signal,
}: Lost<Answer>): Promise<Answer> {
  const endMs = performance.now() + resumeWithinMs
  for (let times = 0; times < resumesMax && performance.now() < endMs; times += 1) {
    await wait(Math.min(pauseMsMax, pauseMsMin * 2 ** times), undefined, { signal })
    const found = look === null ? null : await orPassing(look)
    if (found !== null) return found
    const answer = await orPassing(again)
    if (answer !== null) return answer
  }
  throw cause
}

/** Null: not known yet. @throws what is final */
async function orPassing<Answer>(call: () => Promise<Answer | null>): Promise<Answer | null> {
  try {
    return await call()
  } catch (cause) {
    const told = toldOf(cause)
    if (told !== null && (told.transient || told.outcome === 'unknown')) return null
    throw cause
  }
}
