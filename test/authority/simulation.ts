/**
 * Keepers of several regions in one virtual time: the real AuthorityKeeper and Authorities over a
 * model of the database, with clocks that differ by minutes and drift, requests and answers that
 * are slow or lost, and servers that stop for a while. All chance comes from one seed, so that a
 * run can be had again; its trace says whether two runs were the same.
 */
import { Authorities } from '../../server/application/authorities.ts'
import { AuthorityKeeper } from '../../server/application/authority-keeper.ts'
import type { LeaseBook, LeaseClaim } from '../../server/domain/authority.ts'
import { mulberry, settled } from '../support/simulated.ts'

export const home = 'alpha'
const regions = ['alpha', 'beta', 'gamma'] as const
export const times = { lengthMs: 3_000, heartbeatMs: 1_000 } as const
const faultyMs = 60_000
const calmMs = 20_000
/** From the end of all faults to somebody who sells: a lost answer, a lease, two patiences, slack. */
export const recoveredWithinMs = 12_000

type Row = { serverRegion: string; epoch: number; expiresAtMs: number }

type Server = {
  readonly name: string
  readonly region: string
  readonly authorities: Authorities
  readonly keeper: AuthorityKeeper
  /** Its own clock: never that of the database or of another server. */
  readonly clockMs: () => number
  readonly rate: number
  pausedUntilMs: number
  /** Its hold book is out of reach so long. */
  unfitUntilMs: number
}

export type SimulationResult = {
  /** What went against a rule; empty when all is well. */
  readonly broken: readonly string[]
  readonly epochs: number
  readonly pauses: number
  readonly lostBooks: number
  readonly lostRequests: number
  readonly lostAnswers: number
  /** How long after the last fault somebody sold again, and went on to the end. */
  readonly recoveredMs: number
  readonly trace: string
}

export async function simulate(seed: number): Promise<SimulationResult> {
  return new Simulation(seed).run()
}

class Simulation {
  #nowMs = 0
  #order = 0
  #queue: { atMs: number; order: number; act: () => void }[] = []
  readonly #random: () => number
  readonly #row: Row = { serverRegion: home, epoch: 1, expiresAtMs: 0 }
  readonly #servers: Server[]
  readonly #holders = new Map<number, string>([[1, home]])
  readonly #broken: string[] = []
  readonly #trace: string[] = []
  /** Each seed leaves some of the faults out. */
  readonly #faults: { loss: number; slow: number; pause: number; unfit: number }
  #counts = { pauses: 0, lostBooks: 0, lostRequests: 0, lostAnswers: 0 }
  #soldSinceMs: number | null = null

  constructor(seed: number) {
    this.#random = mulberry(seed)
    const on = (chance: number) => (this.#random() < 0.7 ? chance * this.#random() : 0)
    this.#faults = { loss: on(0.4), slow: on(0.5), pause: on(0.08), unfit: on(0.05) }
    this.#servers = regions.flatMap((region) =>
      Array.from({ length: this.#random() < 0.3 ? 2 : 1 }, (_, at) =>
        this.#server(region, `${region}-${at}`),
      ),
    )
  }

  async run(): Promise<SimulationResult> {
    for (const server of this.#servers) this.#soon(() => this.#loop(server), this.#random() * 500)
    while (this.#nowMs < faultyMs + calmMs) {
      const next = this.#queue.shift()
      if (next === undefined) break
      this.#nowMs = next.atMs
      next.act()
      await settled()
      this.#check()
    }
    const recoveredMs =
      this.#soldSinceMs === null ? Number.POSITIVE_INFINITY : this.#soldSinceMs - faultyMs
    if (recoveredMs > recoveredWithinMs) this.#broken.push('nobody sells after the faults')
    return {
      broken: this.#broken,
      epochs: this.#row.epoch,
      ...this.#counts,
      recoveredMs,
      trace: this.#trace.join('\n'),
    }
  }

  #server(region: string, name: string): Server {
    const offsetMs = this.#random() * 1_000_000
    // Worse than any machine's clock, and within what the keeper allows for.
    const rate = 1 + (this.#random() - 0.5) * 0.01
    const clockMs = () => offsetMs + this.#nowMs * rate
    const clock = { monotonicMs: clockMs }
    const authorities = new Authorities({ region, clock })
    const keeper = new AuthorityKeeper({
      region,
      leases: this.#leasesFor(() => server),
      authorities,
      clock,
      times,
      candidatesFor: () => regions,
      isFit: () => this.#nowMs >= server.unfitUntilMs,
      onTakeover: ({ epoch }) => this.#note(`${name} took over: ${epoch}`),
    })
    const server: Server = {
      name,
      region,
      authorities,
      keeper,
      clockMs,
      rate,
      pausedUntilMs: 0,
      unfitUntilMs: 0,
    }
    return server
  }

  #loop(server: Server): void {
    if (this.#isFaulty && this.#random() < this.#faults.pause) this.#pause(server)
    if (this.#isFaulty && this.#random() < this.#faults.unfit) this.#loseBook(server)
    this.#whenAwake(server, () => {
      const again = (ms: number) =>
        this.#soon(() => this.#loop(server), Math.max(25, ms) / server.rate)
      server.keeper.pass(home).then(again, () => again(250))
    })
  }

  #pause(server: Server): void {
    this.#counts.pauses += 1
    server.pausedUntilMs = this.#nowMs + this.#random() * 15_000
    this.#note(`${server.name} stops until ${Math.round(server.pausedUntilMs)}`)
  }

  /** Of all servers of its region, which share a Redis. */
  #loseBook({ region }: Server): void {
    this.#counts.lostBooks += 1
    const untilMs = this.#nowMs + this.#random() * 20_000
    for (const one of this.#servers) {
      if (one.region === region) one.unfitUntilMs = Math.min(untilMs, faultyMs)
    }
    this.#note(`${region} has no hold book until ${Math.round(untilMs)}`)
  }

  get #isFaulty(): boolean {
    return this.#nowMs < faultyMs
  }

  /** The database's statements, each atomic at the moment in which it arrives. */
  #leasesFor(server: () => Server): LeaseBook {
    const row = this.#row
    const ask =
      <Claim, Answer>(what: (claim: Claim) => Answer) =>
      (claim: Claim) =>
        this.#ask(server(), () => what(claim))
    const hasRunOut = () => row.expiresAtMs < this.#nowMs
    const moveTo = (region: string, { lengthMs }: LeaseClaim) => {
      Object.assign(row, {
        serverRegion: region,
        epoch: row.epoch + 1,
        expiresAtMs: this.#nowMs + lengthMs,
      })
      if (this.#holders.has(row.epoch)) this.#broken.push(`epoch ${row.epoch} was given twice`)
      this.#holders.set(row.epoch, region)
      this.#note(`the database moves to ${region}: ${row.epoch}`)
      return row.epoch
    }
    return {
      find: ask(() => ({ ...row, leftMs: row.expiresAtMs - this.#nowMs })),
      begin: ask(() => undefined),
      renew: ask(({ region, epoch, lengthMs }: LeaseClaim) => {
        if (row.serverRegion !== region || row.epoch !== epoch) return false
        row.expiresAtMs = this.#nowMs + lengthMs
        return true
      }),
      takeOver: ask((claim: LeaseClaim) =>
        row.epoch === claim.epoch && hasRunOut() ? moveTo(claim.region, claim) : null,
      ),
      handOver: () => Promise.reject(new Error('nobody hands over here')),
      drained: () => this.#ask(server(), () => new Set<string>()),
    }
  }

  #ask<Answer>(server: Server, statement: () => Answer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const lost = () => this.#isFaulty && this.#random() < this.#faults.loss
      if (lost()) {
        this.#counts.lostRequests += 1
        this.#soon(() => this.#whenAwake(server, () => reject(new Error('lost'))), 5_000)
        return
      }
      this.#soon(() => {
        const answer = statement()
        if (lost()) {
          this.#counts.lostAnswers += 1
          this.#soon(() => this.#whenAwake(server, () => reject(new Error('lost'))), 5_000)
        } else this.#soon(() => this.#whenAwake(server, () => resolve(answer)), this.#delayMs())
      }, this.#delayMs())
    })
  }

  #delayMs(): number {
    const isSlow = this.#isFaulty && this.#random() < this.#faults.slow
    return this.#random() * (isSlow ? 4_000 : 120)
  }

  #soon(act: () => void, inMs: number): void {
    const order = (this.#order += 1)
    this.#queue.push({ atMs: this.#nowMs + inMs, order, act })
    this.#queue.sort((one, two) => one.atMs - two.atMs || one.order - two.order)
  }

  /** A stopped server goes on where it stood, much later. */
  #whenAwake(server: Server, act: () => void): void {
    if (server.pausedUntilMs <= this.#nowMs) act()
    else this.#soon(() => this.#whenAwake(server, act), server.pausedUntilMs - this.#nowMs)
  }

  #check(): void {
    const selling = this.#servers.flatMap(({ name, region, authorities }) => {
      const standing = authorities.standing(home)
      return standing.kind === 'ours' ? [{ name, region, epoch: standing.epoch }] : []
    })
    for (const { name, region, epoch } of selling) {
      const { serverRegion, epoch: current, expiresAtMs } = this.#row
      const isTrue = region === serverRegion && epoch === current && this.#nowMs <= expiresAtMs
      if (!isTrue) this.#broken.push(`${name} sells under ${epoch} at ${Math.round(this.#nowMs)}`)
    }
    if (selling.length === 0) this.#soldSinceMs = null
    else if (!this.#isFaulty) this.#soldSinceMs ??= this.#nowMs
  }

  #note(line: string): void {
    this.#trace.push(`${this.#nowMs.toFixed(3)} ${line}`)
  }
}
