/**
 * Fans in all places who hold, pay and leave holds lying, of events of all regions, for as long as
 * the drill wants them. What they were told is written down with its time, and judged afterwards.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { type Client, FrontrowError } from '../../client/index.ts'
import type { Hold, Order } from '../onsale/fan.ts'
import { type Chance, seededChance } from '../onsale/seeded-chance.ts'
import type { Drill } from './drill.ts'

/** Visits of one person; then another one comes, because of the limit per buyer. */
const visitsPerPerson = 4
/** Where many want the same places, and where there is room. */
const hotUnits = 120
const hotShare = 0.4
/** The rest of the arena is for those who measure beside the crowd. */
const wideShare = 0.5
const thinkMsMax = 250
/** A fan who has lost sight of an order asks for it this often. */
const looksMax = 40
const lookEveryMs = 250

/** By the monotonic clock of this program. */
export type HeldNote = {
  readonly home: string
  readonly hold: Hold
  readonly client: Client
  readonly atMs: number
  readonly endsAtMs: number
  /** The fan has gone on to pay: it is no mere hold any more. */
  isUsed: boolean
}

export type PaidNote = { readonly home: string; readonly order: Order; readonly atMs: number }

/** A call that ended in an error that no fan should see. */
export type TroubleNote = {
  readonly home: string
  readonly path: string
  readonly code: string
  readonly transient: boolean
  readonly outcome: 'refused' | 'unknown'
  readonly atMs: number
}

export type CrowdPlan = {
  readonly fans: number
  readonly seed: number
  /** Whose events half of the fans want. */
  readonly wanted: string
  /** Distinguishes the persons of this crowd from those of others. */
  readonly name: string
}

/** Says "choose others", and nothing is wrong. */
const chooseAgain: ReadonlySet<string> = new Set(['SEATS_TAKEN', 'SOLD_OUT', 'LIMIT_REACHED'])

export class Crowd {
  readonly held: HeldNote[] = []
  readonly paid: PaidNote[] = []
  readonly troubles: TroubleNote[] = []
  readonly #drill: Drill
  readonly #plan: CrowdPlan
  readonly #fans: Promise<void>[]
  #isOver = false

  /** They come at once. */
  constructor(drill: Drill, plan: CrowdPlan) {
    this.#drill = drill
    this.#plan = plan
    this.#fans = Array.from({ length: plan.fans }, (_, fan) => this.#come(fan))
  }

  /** Each ends the visit that they are at. */
  async end(): Promise<void> {
    this.#isOver = true
    await Promise.all(this.#fans)
  }

  async #come(fan: number): Promise<void> {
    const chance = seededChance(this.#plan.seed, fan)
    const { names, token, clientAt } = this.#drill
    const place = names[fan % names.length] ?? ''
    for (let person = 0; !this.#isOver; person += 1) {
      const name = `${this.#plan.name}-${fan}-${person}`
      const own = await token({ name }).catch(() => null)
      if (own === null) continue
      const client = clientAt(place, own)
      for (let visit = 0; visit < visitsPerPerson && !this.#isOver; visit += 1) {
        await this.#visit(client, this.#homeBy(chance), chance)
      }
    }
  }

  #homeBy(chance: Chance): string {
    const { names } = this.#drill
    const { wanted } = this.#plan
    if (chance.fraction() < 0.5) return wanted
    return names[chance.below(names.length)] ?? wanted
  }

  async #visit(client: Client, home: string, chance: Chance): Promise<void> {
    const fate = chance.choose({ buys: 0.6, keeps: 0.3, leaves: 0.1 })
    try {
      const note = await this.#hold(client, home, chance)
      await wait(chance.below(thinkMsMax))
      if (note === null || fate === 'keeps') return
      note.isUsed = true
      if (fate === 'buys') return await this.#pay(client, note)
      const { event, id } = note.hold
      await client.holds.release.mutate({ event, hold: id })
    } catch (cause) {
      if (!(cause instanceof FrontrowError)) throw cause
      const { path, code, transient, outcome } = cause
      if (chooseAgain.has(code)) return
      this.troubles.push({ home, path, code, transient, outcome, atMs: performance.now() })
    }
  }

  async #hold(client: Client, home: string, chance: Chance): Promise<HeldNote | null> {
    const { id: event, units } = this.#drill.events[home] ?? { id: '', units: 1 }
    const among = chance.fraction() < hotShare ? hotUnits : Math.floor(units * wideShare)
    const first = chance.below(among)
    const wish = [first, ...(chance.fraction() < 0.5 ? [first + 1] : [])]
    const seats = { kind: 'units' as const, units: wish }
    const hold = await client.holds.place.mutate({ event, key: client.newKey(), seats })
    const atMs = performance.now()
    const note = { home, hold, client, atMs, endsAtMs: atMs + hold.expiresInMs, isUsed: false }
    this.held.push(note)
    return note
  }

  async #pay(client: Client, { home, hold }: HeldNote): Promise<void> {
    const { order } = await client.checkout.start.mutate({ holdToken: hold.token })
    const card = { order: order.id, key: client.newKey(), paymentMethod: 'pm_card_visa' }
    let { order: now } = await client.checkout.confirm.mutate(card)
    for (let looks = 0; now.state === 'pending' && looks < looksMax; looks += 1) {
      await wait(lookEveryMs)
      now = (await client.checkout.status.query({ order: order.id })).order
    }
    if (now.state === 'paid') this.paid.push({ home, order: now, atMs: performance.now() })
  }
}
