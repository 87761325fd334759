/** What everything in the simulation shares: time, chance, regions with their servers, and faults. */
import type { BookContents } from '../../../server/application/book-content.ts'
import type { FollowNeeds } from '../../../server/application/follow-step.ts'
import type { Tenure } from '../../../server/domain/hold-replication.ts'
import { Copies } from './copies.ts'
import { Stream, tenureKey } from './stream.ts'
import { VirtualTime } from './time.ts'

export const home = 'us-east1'
export const names = [home, 'europe-west1', 'asia-southeast1'] as const
export const faultyMs = 25_000

export type Server = {
  readonly region: Region
  readonly needs: FollowNeeds
  readonly contents: BookContents
  readonly offsetMs: number
  readonly rate: number
  stoppedUntilMs: number
}

export type Region = {
  readonly name: string
  readonly streams: Map<string, Stream>
  readonly copies: Copies
  readonly servers: Server[]
}

/** How often each strikes, between 0 and 1; each seed leaves some out. */
type Faults = Readonly<
  Record<'loss' | 'slow' | 'cut' | 'again' | 'store' | 'stop' | 'wipe' | 'move', number>
>

export class World {
  readonly time: VirtualTime
  readonly regions: Region[]
  readonly counts: Record<string, number> = {}
  readonly broken: string[] = []
  readonly trace: string[] = []
  readonly faults: Faults
  authority: Region
  epoch = 1
  #ids = 0

  constructor(seed: number) {
    this.time = new VirtualTime(seed)
    const { random } = this.time
    const on = (chance: number) => (random() < 0.7 ? chance * random() : 0)
    this.faults = {
      loss: on(0.3),
      slow: on(0.4),
      cut: on(0.2),
      again: on(0.2),
      store: on(0.1),
      stop: on(0.1),
      wipe: on(0.08),
      move: on(0.08),
    }
    this.regions = names.map((name) => ({
      name,
      streams: new Map(),
      copies: new Copies(),
      servers: [],
    }))
    this.authority = this.regions[0] as Region
  }

  get tenure(): Tenure {
    return { home, epoch: this.epoch }
  }

  nextId(): number {
    this.#ids += 1
    return this.#ids
  }

  get isFaulty(): boolean {
    return this.time.nowMs < faultyMs
  }

  strikes(fault: keyof Faults): boolean {
    const isStruck = this.isFaulty && this.time.random() < this.faults[fault]
    if (isStruck) this.count(fault)
    return isStruck
  }

  opened(region: Region, tenure: Tenure): Stream {
    const known = region.streams.get(tenureKey(tenure))
    if (known !== undefined) return known
    const begun = new Stream(`stream ${this.nextId()}`)
    region.streams.set(tenureKey(tenure), begun)
    return begun
  }

  delayMs(): number {
    return this.time.random() * (this.strikes('slow') ? 6_000 : 120)
  }

  /** A stopped server goes on where it stood, much later. */
  whenAwake(server: Server, act: () => void): void {
    if (server.stoppedUntilMs <= this.time.nowMs) act()
    else {
      const leftMs = server.stoppedUntilMs - this.time.nowMs
      this.time.soon(leftMs, () => this.whenAwake(server, act))
    }
  }

  count(what: string): void {
    this.counts[what] = (this.counts[what] ?? 0) + 1
  }

  note(line: string): void {
    this.trace.push(`${this.time.nowMs.toFixed(3)} ${line}`)
  }
}
