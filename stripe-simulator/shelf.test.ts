import { describe, expect, it } from 'vitest'
import { Fifo } from './fifo.ts'
import { Shelf } from './shelf.ts'

const count = 5_000

describe('a shelf', () => {
  it('keeps its order over many removals, and knows its oldest', () => {
    const shelf = new Shelf<{ id: string; version: number }>()
    for (let number = 0; number < count; number += 1) shelf.put({ id: `id${number}`, version: 1 })
    shelf.put({ id: 'id4000', version: 2 })
    for (let number = 0; number < count; number += 1) {
      if (number % 5 !== 0) shelf.delete(`id${number}`)
    }
    const expected = Array.from({ length: count / 5 }, (_, place) => `id${place * 5}`)
    expect([...shelf.newestFirst()].map(({ id }) => id)).toEqual(expected.toReversed())
    expect([...shelf.newestFirst('id10')].map(({ id }) => id)).toEqual(['id5', 'id0'])
    expect(shelf.get('id4000')?.version).toBe(2)
    const oldestFirst: string[] = []
    for (let oldest = shelf.oldest(); oldest; oldest = shelf.oldest()) {
      oldestFirst.push(oldest.id)
      shelf.delete(oldest.id)
    }
    expect(oldestFirst).toEqual(expected)
    expect(shelf.size).toBe(0)
    shelf.put({ id: 'again', version: 1 })
    expect(shelf.oldest()?.id).toBe('again')
  })
})

describe('a fifo', () => {
  it('gives back in order while it grows and shrinks', () => {
    const fifo = new Fifo<number>()
    const taken: (number | undefined)[] = []
    for (let number = 0; number < count; number += 1) {
      fifo.push(number)
      if (number % 3 !== 0) taken.push(fifo.take())
    }
    while (fifo.length > 0) taken.push(fifo.take())
    expect(taken).toEqual(Array.from({ length: count }, (_, number) => number))
    expect(fifo.take()).toBeUndefined()
  })
})
