/** What a behaviour is given: the fan, the event they came for, and the world around them. */
import type { Chance } from '../../bench/onsale/seeded-chance.ts'
import type { EventFacts } from '../evidence/evidence.ts'
import { toldOf } from '../history/told.ts'
import type { Fan } from './fan.ts'
import type { Hall } from './halls.ts'
import type { KnownIds } from './known-ids.ts'

export type Visit = {
  readonly fan: Fan
  readonly event: EventFacts
  readonly hall: Hall
  readonly chance: Chance
  readonly known: KnownIds
  /** All places where fans are. */
  readonly places: readonly string[]
  /** Where everybody wants to sit now: units of the event. */
  readonly hot: readonly number[]
  /** A while that the fan thinks, `msMax` at most. */
  readonly think: (msMax: number) => Promise<void>
  /** Says yes to the bank's question; false: the bank does not answer. */
  readonly authenticate: (intent: string) => Promise<boolean>
  readonly newKey: () => string
  /** Something that must not be, as one sentence. */
  readonly notice: (sentence: string) => void
}

export type Behaviour = (visit: Visit) => Promise<void>

/** @returns whether the call was refused with one of these codes. @throws any other refusal */
export async function isRefused(
  call: Promise<unknown>,
  ...codes: readonly string[]
): Promise<boolean> {
  try {
    await call
    return false
  } catch (cause) {
    const told = toldOf(cause)
    if (told?.outcome === 'refused' && codes.includes(told.code)) return true
    throw cause
  }
}
