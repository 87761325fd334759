import { describe, expect, it } from 'vitest'
import { isOffering, type KeeperView, keeperMove } from './authority.ts'

const candidates = ['alpha', 'beta', 'gamma']
const view = (facts: Partial<KeeperView> = {}): KeeperView => ({
  region: 'beta',
  candidates,
  lease: { serverRegion: 'alpha', epoch: 4, leftMs: -10 },
  lapsedForMs: 0,
  isFit: true,
  isOffering: false,
  heartbeatMs: 1_000,
  staggerMs: 500,
  ...facts,
})
const lease = (serverRegion: string, leftMs: number) => ({ serverRegion, epoch: 4, leftMs })

describe('what a server does about a home region', () => {
  it('renews what its own region has, run out or not', () => {
    expect(keeperMove(view({ lease: lease('beta', 900) })).kind).toBe('renew')
    expect(keeperMove(view({ lease: lease('beta', -900) })).kind).toBe('renew')
  })

  it('lets what it cannot serve run out, for others', () => {
    const offers = view({ lease: lease('beta', 900), isFit: false, isOffering: true })
    expect(keeperMove(offers)).toEqual({ kind: 'look', inMs: 1_000 })
  })

  it('looks again when the lease of another region would run out, or at the next heartbeat', () => {
    expect(keeperMove(view({ lease: lease('alpha', 300) }))).toEqual({ kind: 'look', inMs: 301 })
    expect(keeperMove(view({ lease: lease('alpha', 2_900) }))).toEqual({
      kind: 'look',
      inMs: 1_000,
    })
  })

  it('takes over at once as the first candidate beside the one that lost it', () => {
    expect(keeperMove(view()).kind).toBe('take-over')
    const homeAgain = view({ region: 'alpha', lease: lease('gamma', -1) })
    expect(keeperMove(homeAgain).kind).toBe('take-over')
  })

  it('lets those before it go first, each a little longer', () => {
    const third = { region: 'gamma' }
    expect(keeperMove(view(third))).toEqual({ kind: 'look', inMs: 500 })
    expect(keeperMove(view({ ...third, lapsedForMs: 400 }))).toEqual({ kind: 'look', inMs: 100 })
    expect(keeperMove(view({ ...third, lapsedForMs: 500 })).kind).toBe('take-over')
  })

  it('goes behind all others while its hold book is out of reach', () => {
    const unfit = view({ isFit: false })
    expect(keeperMove(unfit)).toEqual({ kind: 'look', inMs: 1_000 })
    expect(keeperMove({ ...unfit, lapsedForMs: 1_000 }).kind).toBe('take-over')
  })

  it('never takes what it is no candidate for', () => {
    const stranger = view({ candidates: ['alpha', 'gamma'], lapsedForMs: 1e9 })
    expect(keeperMove(stranger)).toEqual({ kind: 'look', inMs: 1_000 })
  })
})

describe('a region whose hold book is away', () => {
  const times = { afterMs: 5_000, forMs: 6_000, everyMs: 60_000 }

  it('waits, offers its authority for a while, and sells on when nobody takes it', () => {
    const offers = (ms: number) => isOffering(ms, times)
    expect([0, 4_999].map(offers)).toEqual([false, false])
    expect([5_000, 10_999].map(offers)).toEqual([true, true])
    expect([11_000, 64_999].map(offers)).toEqual([false, false])
    expect([65_000, 71_000].map(offers)).toEqual([true, false])
  })

  it('offers nothing where nobody could take it', () => {
    expect(isOffering(5_000, { ...times, forMs: 0 })).toBe(false)
  })
})
