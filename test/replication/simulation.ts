/**
 * Followers of several regions in one virtual time: the real FollowHolds, followHolds, copyBook,
 * BookContents, mergeBook and what serves followers, over books and copies in memory. Questions and
 * answers are slow, lost, cut short or come twice; servers stop; books and copies are wiped; the
 * authority moves. All chance comes from one seed. Once the faults are over the copies are as the
 * book is, and a takeover then keeps every hold.
 */
import { Authorities } from '../../server/application/authorities.ts'
import { BookContents } from '../../server/application/book-content.ts'
import type { FollowNeeds } from '../../server/application/follow-step.ts'
import { FollowTable } from '../../server/application/follow-table.ts'
import type { Services } from '../../server/application/services.ts'
import type { HoldScope } from '../../server/domain/hold-book.ts'
import type { HoldCopies } from '../../server/domain/hold-replication.ts'
import type { RegionCall } from '../../server/domain/region-caller.ts'
import { RegionTable } from '../../server/platform/regions.ts'
import { FollowHolds } from '../../server/workers/follow-holds.ts'
import { goldenRegions } from '../support/golden.ts'
import { BoxOffice } from './simulated/box-office.ts'
import { checkFreshness, differences } from './simulated/compare.ts'
import { copiesPort } from './simulated/copies.ts'
import { reachFor, sourceOf } from './simulated/store.ts'
import { tenureKey } from './simulated/stream.ts'
import { Wires } from './simulated/wires.ts'
import { faultyMs, home, names, type Region, type Server, World } from './simulated/world.ts'

/** A dead follower's lease, a question's whole time, the longest pause after failures, and slack. */
const healedWithinMs = 45_000

export type SimulationResult = {
  readonly broken: readonly string[]
  readonly counts: Readonly<Record<string, number>>
  readonly trace: string
}

export function simulate(seed: number): Promise<SimulationResult> {
  return new Simulation(seed).run()
}

class Simulation {
  readonly #world: World
  readonly #fans: BoxOffice
  readonly #wires: Wires

  constructor(seed: number) {
    const world = new World(seed)
    this.#world = world
    this.#fans = new BoxOffice(world)
    this.#wires = new Wires(world)
    for (const region of world.regions) {
      const count = world.time.random() < 0.4 ? 2 : 1
      for (let at = 0; at < count; at += 1) region.servers.push(this.#server(region, at))
    }
  }

  async run(): Promise<SimulationResult> {
    const { time, regions, broken, counts, trace } = this.#world
    this.#tellAuthority()
    for (const server of regions.flatMap(({ servers }) => servers)) this.#follow(server)
    this.#each(400, () => void this.#fans.work())
    this.#each(1_000, () => this.#harm())
    // Fans go on for a while: what they do then must reach the copies too.
    await time.run(faultyMs + 2_000)
    this.#fans.isQuiet = true
    const differs = await this.#healed()
    if (differs !== '') broken.push(`not healed: ${differs}`)
    else await this.#takeOverWhole()
    this.#world.note(`${this.#world.epoch} epochs, ${JSON.stringify(counts)}`)
    return { broken, counts, trace: trace.join('\n') }
  }

  /** @returns what differs in the end; '' as soon as nothing does */
  async #healed(): Promise<string> {
    const { time } = this.#world
    let differs = 'nothing was compared'
    let lookAtMs = 0
    await time.run(faultyMs + healedWithinMs, () => {
      if (time.nowMs < lookAtMs) return false
      lookAtMs = time.nowMs + 250
      differs = differences(this.#world)
      return differs === ''
    })
    return differs
  }

  #server(region: Region, at: number): Server {
    const world = this.#world
    const { random } = world.time
    const offsetMs = random() * 1_000_000
    const rate = 1 + (random() - 0.5) * 0.002
    const clock = this.#clockOf({ offsetMs, rate }, () => server)
    const authorities = new Authorities({ region: region.name, clock })
    const reach = reachFor(world, () => server)
    const copies = this.#watched(copiesPort(region.copies, reach), () => server)
    const caller = { call: (asked: RegionCall) => this.#wires.call(server, asked) }
    const snapshot = async (scope: HoldScope) => this.#fans.snapshot(scope)
    const others = names.filter((name) => name !== region.name)
    const count = (what: string, labels: Readonly<Record<string, string>>) =>
      world.count([what, ...Object.values(labels)].join(' '))
    const following = { caller, homes: [home], table: new FollowTable(clock) }
    const own = sourceOf(world, region, reach)
    const server: Server = {
      region,
      offsetMs,
      rate,
      stoppedUntilMs: 0,
      contents: new BookContents({ snapshot, copies, own, caller, others, clock, count }),
      needs: {
        authorities,
        replication: { source: own, copies },
        following: following as unknown as NonNullable<FollowNeeds['following']>,
        clock,
        regions: new RegionTable(goldenRegions),
        metrics: { count } as FollowNeeds['metrics'],
      },
    }
    world.note(`${region.name} has server ${at}`)
    return server
  }

  #clockOf({ offsetMs, rate }: Pick<Server, 'offsetMs' | 'rate'>, server: () => Server) {
    const { time } = this.#world
    const clockMs = () => offsetMs + time.nowMs * rate
    const wait = (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')), { once: true })
        time.soon(ms / rate, () => this.#world.whenAwake(server(), resolve))
      })
    return { nowMs: clockMs, monotonicMs: clockMs, wait }
  }

  #watched(copies: HoldCopies, server: () => Server): HoldCopies {
    return {
      ...copies,
      apply: async (lease, from, step) => {
        const outcome = await copies.apply(lease, from, step)
        const heard = { tenure: lease, to: step.to }
        if (outcome.kind === 'applied') checkFreshness(this.#world, server(), heard)
        return outcome
      },
    }
  }

  #follow(server: Server): void {
    const fraction = this.#world.time.random
    const bytes = (count: number) =>
      Uint8Array.from({ length: count }, () => this.#world.time.below(256))
    const log = { info: () => undefined, warn: () => undefined } as unknown as Services['log']
    this.#world.time.soon(this.#world.time.random() * 500, () => {
      void new FollowHolds({ ...server.needs, random: { fraction, bytes }, log })
    })
  }

  #harm(): void {
    const pick = <One>(all: readonly One[]) => all[this.#world.time.below(all.length)] as One
    if (this.#world.strikes('stop')) {
      const untilMs = this.#world.time.nowMs + this.#world.time.random() * 20_000
      pick(pick(this.#world.regions).servers).stoppedUntilMs = Math.min(untilMs, faultyMs)
    }
    if (this.#world.strikes('wipe')) {
      const region = pick(this.#world.regions)
      this.#world.note(`${region.name} loses its Redis`)
      region.streams.clear()
      region.copies.wipe()
    }
    if (this.#world.strikes('move')) this.#move(pick(this.#world.regions))
  }

  #move(region: Region): void {
    this.#world.authority = region
    this.#world.epoch += 1
    this.#world.note(`${region.name} has the authority: ${this.#world.epoch}`)
    this.#tellAuthority()
  }

  /** Each server hears of it at its own time. */
  #tellAuthority(): void {
    const [{ name }, epoch] = [this.#world.authority, this.#world.epoch]
    for (const { region, needs } of this.#world.regions.flatMap(({ servers }) => servers)) {
      this.#world.time.soon(this.#world.time.random() * 3_000, () => {
        const { authorities } = needs
        const untilMs = Number.POSITIVE_INFINITY
        if (region.name === name) authorities.granted(home, { epoch, untilMs })
        else authorities.heard(home, { serverRegion: name, epoch })
      })
    }
  }

  /** Whoever takes over now keeps all holds. */
  async #takeOverWhole(): Promise<void> {
    const { time, authority, regions, broken, counts } = this.#world
    const lasting = this.#fans.lasting(time.nowMs + 15_000)
    const region = regions.find((one) => one !== authority) as Region
    this.#move(region)
    for (const { event } of lasting) void this.#fans.bookOf(event)
    await time.run(time.nowMs + 12_000)
    for (const { event, ids } of lasting) {
      const now = region.streams.get(tenureKey(this.#world.tenure))?.books.get(event)
      const lost = ids.filter((id) => now?.holds.has(id) !== true)
      if (lost.length > 0) broken.push(`the takeover lost ${lost.join()} of ${event}`)
      counts['holds kept'] = (counts['holds kept'] ?? 0) + ids.length
    }
  }

  #each(ms: number, act: () => void): void {
    this.#world.time.soon(ms, () => {
      act()
      this.#each(ms, act)
    })
  }
}
