import { expect, it } from 'vitest'
import type { SeenTime } from '../domain/clock-offset.ts'
import { clockLimits } from '../platform/clock-limits.ts'
import { ClockWatch } from './clock-watch.ts'

const minuteMs = 60_000
const { offsetMaxMs, offsetBackMs, seenForMs } = clockLimits

/** One true time; each clock is so far ahead of it. Null: it does not answer. */
class World {
  trueMs = 1_000_000
  oursMs = 0
  databaseMs: number | null = 0
  databaseTookMs = 20
  peersMs: (number | null)[] = [0]
  looksAtPeers = 0
  readonly log: string[] = []
  readonly watch: ClockWatch

  constructor({ isAlone = false } = {}) {
    const say = (_: unknown, message: string) => this.log.push(message)
    this.watch = new ClockWatch({
      clock: { nowMs: () => this.trueMs + this.oursMs, monotonicMs: () => this.trueMs },
      lookAtDatabase: async () => this.#seen(this.databaseMs, this.databaseTookMs / 2),
      lookAtPeers: isAlone
        ? null
        : async () => {
            this.looksAtPeers += 1
            const seen = this.peersMs.map((aheadMs) => this.#seen(aheadMs, 600))
            return new Map(seen.flatMap((one, at) => (one === null ? [] : [[`${at}`, one]])))
          },
      log: { info: say, warn: say },
    })
  }

  async after(ms: number): Promise<boolean> {
    for (let passed = 0; passed < ms; passed += clockLimits.lookPeriodMs) {
      this.trueMs += clockLimits.lookPeriodMs
      await this.watch.pass()
    }
    return this.watch.isOff()
  }

  #seen(aheadMs: number | null, eitherWayMs: number): SeenTime | null {
    if (aheadMs === null) return null
    return { saidMs: this.trueMs + aheadMs, atMonotonicMs: this.trueMs, eitherWayMs }
  }
}

it('asks no other region while the database agrees', async () => {
  const world = new World()
  world.oursMs = 500
  expect(await world.after(10_000)).toBe(false)
  expect([world.looksAtPeers, world.log]).toEqual([0, []])
  expect(world.watch.offsetMs()).toBe(500)
})

it.each([5 * minuteMs, -5 * minuteMs])('is off at once when it jumps by %i ms', async (byMs) => {
  const world = new World()
  await world.after(2_000)
  world.oursMs = byMs
  expect(world.watch.isOff()).toBe(true)
  expect(await world.after(10_000)).toBe(true)
  expect(world.watch.regionsNowMs()).toBe(world.trueMs)
  world.oursMs = 0
  expect(world.watch.isOff()).toBe(false)
  expect(world.log).toEqual([
    'the clock of this server is off: it steps aside until it is right',
    'the clock of this server and that of the database agree again',
  ])
})

it('stands still, and is off once it is later than the bound', async () => {
  const world = new World()
  const offAtMs: number[] = []
  for (let second = 0; second <= 6; second += 1) {
    if (await world.after(1_000)) offAtMs.push(-world.oursMs)
    world.oursMs -= 1_000
  }
  // A look of the database, and one of the peers, may be wrong by what is not known of it.
  expect(offAtMs[0]).toBeGreaterThan(offsetMaxMs)
  expect(offAtMs[0]).toBeLessThanOrEqual(offsetMaxMs + 1_000)
})

it('goes on when the database alone says so: one region that agrees is enough', async () => {
  const world = new World()
  world.peersMs = [null, 3 * minuteMs, 0]
  world.databaseMs = -5 * minuteMs
  expect(await world.after(1_000)).toBe(false)
  expect(await world.after(10_000)).toBe(false)
  world.databaseMs = 0
  expect(await world.after(1_000)).toBe(false)
  expect(world.log).toEqual([
    "the database's clock is another than ours, and other regions agree with us",
    'the clock of this server and that of the database agree again',
  ])
})

it('remembers a region that agreed, for a while', async () => {
  const world = new World()
  world.databaseMs = -5 * minuteMs
  await world.after(1_000)
  world.peersMs = [null]
  expect(await world.after(seenForMs)).toBe(false)
  expect(await world.after(1_000)).toBe(true)
})

it('does not take what a region said before our clock jumped for agreement', async () => {
  const world = new World()
  world.databaseMs = 3_000
  await world.after(1_000)
  world.databaseMs = 0
  world.peersMs = [null]
  await world.after(1_000)
  world.oursMs = 5 * minuteMs
  expect(world.watch.isOff()).toBe(true)
})

it('believes the database where no other region answers', async () => {
  const world = new World()
  world.peersMs = [null, null]
  world.databaseMs = 5 * minuteMs
  expect(await world.after(1_000)).toBe(true)
})

it('learns nothing while the database is away, and still feels a jump', async () => {
  const world = new World()
  await world.after(1_000)
  world.databaseMs = null
  expect(await world.after(10_000)).toBe(false)
  world.oursMs = 5 * minuteMs
  expect(world.watch.isOff()).toBe(true)
  world.oursMs = 0
  expect(world.watch.isOff()).toBe(false)
  await world.after(seenForMs)
  world.oursMs = 5 * minuteMs
  expect(world.watch.isOff()).toBe(false)
})

it('does not come and go at the edge', async () => {
  const world = new World()
  for (let round = 0; round < 20; round += 1) {
    world.oursMs = offsetMaxMs + (round % 2 === 0 ? -300 : 900)
    world.databaseTookMs = round % 3 === 0 ? 900 : 20
    await world.after(1_000)
  }
  world.oursMs = offsetBackMs - 20
  await world.after(1_000)
  expect(world.watch.isOff()).toBe(false)
  expect(world.log.length).toBeLessThanOrEqual(3)
})

it('alone it tells of its clock and goes on', async () => {
  const world = new World({ isAlone: true })
  world.oursMs = 5 * minuteMs
  expect(await world.after(10_000)).toBe(false)
  expect(world.watch.offsetMs()).toBe(5 * minuteMs)
  world.oursMs = 0
  await world.after(1_000)
  expect(world.log).toEqual([
    'the clock of this server is another than that of the database',
    'the clock of this server and that of the database agree again',
  ])
})
