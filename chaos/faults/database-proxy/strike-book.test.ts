import { describe, expect, it } from 'vitest'
import { seededChance } from '../../../bench/onsale/seeded-chance.ts'
import type { StrikeRule } from '../fault-maker.ts'
import { StrikeBook } from './strike-book.ts'

const asked = (statement: string, values = '') => ({
  statement,
  isCommit: false,
  whole: Buffer.from(values),
})
const rule = (more: Partial<StrikeRule>): StrikeRule => ({
  strike: { kind: 'cut-before' },
  share: 1,
  ...more,
})
const book = (seed: number) => new StrikeBook(seededChance(seed, 0))

function series(seed: number): boolean[] {
  const own = book(seed)
  own.add(rule({ share: 0.3, statements: /^sale\./g }))
  return Array.from({ length: 1_000 }, () => own.next(asked('sale.start-orders')) !== null)
}

describe('rules', () => {
  it('strike their share, the same ones for the same seed', () => {
    const struck = series(3).filter(Boolean).length
    expect(struck).toBeGreaterThan(250)
    expect(struck).toBeLessThan(350)
    expect(series(3)).toEqual(series(3))
    expect(series(3)).not.toEqual(series(4))
  })

  it('strike only statements of their names, and are counted by them', () => {
    const own = book(1)
    const one = own.add(rule({ statements: /^commit$/ }))
    expect(own.next(asked('sale.start-orders'))).toBeNull()
    expect(own.next(asked('commit'))).toEqual({ kind: 'cut-before' })
    expect([one.felt(), own.felt]).toEqual([1, 1])
    expect(own.counts).toEqual([{ kind: 'cut-before', statement: 'commit', count: 1 }])
    one.remove()
    expect(own.next(asked('commit'))).toBeNull()
    expect([one.isStanding(), one.felt()]).toEqual([false, 1])
  })

  it('strike one statement as often in a row as they say, by its parameters', () => {
    const own = book(5)
    own.add(rule({ share: 0.2, inARow: 4 }))
    const runOf = (values: string) => {
      let run = 0
      while (own.next(asked('s', values)) !== null) run += 1
      return run
    }
    const runs = new Set(Array.from({ length: 200 }, (_, number) => runOf(`${number}`) % 4))
    // None is left alone in the middle of its row, also when it is drawn again at its end.
    expect(runs).toEqual(new Set([0]))
  })

  it('break a reply off at any of its bytes but never after the last', () => {
    const own = book(2)
    own.add(rule({ strike: { kind: 'cut-in-reply' } }))
    const places = Array.from({ length: 500 }, () => {
      const blow = own.next(asked('s'))
      return blow?.kind === 'cut-in-reply' ? blow.at(10) : null
    })
    expect(new Set(places)).toEqual(new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]))
  })
})
