/** One fan at the sale, and what they take home from it. */
import type { Answer, Client } from '../../client/index.ts'
import type { FanPlan } from './plan-fans.ts'
import type { Chance } from './seeded-chance.ts'
import type { TimedCalls } from './timed-calls.ts'

export type Hold = Answer<Client['holds']['place']['mutate']>
export type Checkout = Answer<Client['checkout']['start']['mutate']>
export type Order = Checkout['order']

/** The event on sale, as the seat map has it. */
export type SaleEvent = {
  readonly id: string
  readonly homeRegion: string
  readonly currency: string
  readonly units: number
  /** Names of the sections with numbered seats, the best first. */
  readonly seated: readonly string[]
  readonly standing: readonly string[]
  /** Sections by what they cost. */
  readonly tiers: readonly (readonly string[])[]
}

export type Fan = {
  readonly plan: FanPlan
  /** For what they decide on the way. */
  readonly chance: Chance
  readonly client: Client
  readonly event: SaleEvent
  readonly calls: TimedCalls
  /** Says yes to the bank's question about this PaymentIntent. */
  readonly authenticate: (intent: string) => Promise<void>
  /** Hears, as one sentence, of what must not happen. */
  readonly notice: (sentence: string) => void
}

export type Story = {
  readonly fan: number
  /** For people: `bought`, `gave up`, `failed (twins, holds.place: UNAVAILABLE)`. */
  readonly outcome: string
  readonly told: 'told-paid' | 'told-no' | 'unknown'
  readonly acknowledged: Order | null
}
