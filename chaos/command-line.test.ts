import { expect, it } from 'vitest'
import { readCommand, UsageError } from './command-line.ts'

const read = (text: string) => readCommand(text.split(' ').filter(Boolean), 77)

it('plays a scenario with what a person leaves out', () => {
  expect(read('region-loss')).toEqual({
    kind: 'play',
    scenario: 'region-loss',
    seed: 77,
    minutes: null,
    parts: null,
    regions: 3,
    arrivals: 8,
    target: 'local',
    database: 'postgres',
    latency: true,
    out: null,
    json: null,
  })
})

it('takes all that is asked for', () => {
  const words =
    'partition --seed 5 --minutes 1.5 --parts pair,island --regions 2 --arrivals 20 --target compose --database cockroach --no-latency --out a --json b'
  expect(read(words)).toEqual({
    kind: 'play',
    scenario: 'partition',
    seed: 5,
    minutes: 1.5,
    parts: ['pair', 'island'],
    regions: 2,
    arrivals: 20,
    target: 'compose',
    database: 'cockroach',
    latency: false,
    out: 'a',
    json: 'b',
  })
})

it('lists, soaks, and helps', () => {
  expect(read('list')).toEqual({ kind: 'list' })
  expect(read('soak --minutes 20')).toMatchObject({ kind: 'soak', minutes: 20, seed: 77 })
  expect(read('')).toEqual({ kind: 'help' })
  expect(read('region-loss --help')).toEqual({ kind: 'help' })
})

it.each([
  ['region-loss --seed', /--seed/],
  ['region-loss --seed 1.5', /--seed is a whole number from 0/],
  ['region-loss --seed -1', /--seed/],
  ['region-loss --seed 99999999999', /--seed is a whole number/],
  ['region-loss --minutes soon', /--minutes is a number/],
  ['region-loss --minutes 0', /--minutes is a number/],
  ['region-loss --regions 4', /--regions is a whole number from 2 to 3/],
  ['region-loss --target moon', /--target is local or compose/],
  ['region-loss --database oracle', /--database is postgres or cockroach/],
  ['region-loss twice', /one word too many/],
  ['region-loss --never', /--never/],
  ['soak --parts loss', /soak takes no --parts/],
])('refuses %s with a sentence', (text, sentence) => {
  expect(() => read(text)).toThrow(UsageError)
  expect(() => read(text)).toThrow(sentence)
})

it('knows the database of a target', () => {
  expect(read('partition --target compose')).toMatchObject({ database: 'cockroach' })
  expect(read('partition --target local')).toMatchObject({ database: 'postgres' })
  expect(() => read('partition --target compose --database postgres')).toThrow(UsageError)
})
