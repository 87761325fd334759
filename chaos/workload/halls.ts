/** What is learnt of each event's seat map before anybody chooses: once, from whoever answers. */
import { type Client, FrontrowError } from '../../client/index.ts'
import type { EventFacts } from '../evidence/evidence.ts'

export type Section = {
  readonly name: string
  readonly firstUnit: number
  readonly units: number
}

export type Hall = {
  /** The best first, as the map has them. */
  readonly seated: readonly Section[]
  readonly standing: readonly Section[]
}

const learnWithinMs = 15_000

export class Halls {
  readonly #client: Client
  readonly #known = new Map<string, Promise<Hall | null>>()

  constructor(client: Client) {
    this.#client = client
  }

  /** @returns null while nobody answers; asked for again then */
  of({ id }: EventFacts): Promise<Hall | null> {
    const known = this.#known.get(id) ?? this.#learn(id)
    this.#known.set(id, known)
    return known
  }

  /** Of events that are not sold any more nothing is kept. */
  keepOnly(events: readonly EventFacts[]): void {
    const ids = new Set(events.map(({ id }) => id))
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id)
  }

  async #learn(event: string): Promise<Hall | null> {
    try {
      const said = { context: { deadlineMs: learnWithinMs } }
      const { sections } = await this.#client.events.seatMap.query({ event }, said)
      const ofKind = (wanted: string) => sections.filter(({ kind }) => kind === wanted)
      return { seated: ofKind('seated'), standing: ofKind('standing') }
    } catch (cause) {
      if (!(cause instanceof FrontrowError)) throw cause
      this.#known.delete(event)
      return null
    }
  }
}
