import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { parseKeySet, published } from './key-set.ts'
import { filledExample, readEnv } from './multi-region-env.ts'

const example = readFileSync(new URL('../../.env.multi-region.example', import.meta.url), 'utf8')
const empty = example.split('\n').flatMap((line) => /^([A-Z][A-Z0-9_]*)=$/.exec(line)?.[1] ?? [])

describe('the settings of the cluster', () => {
  it('have a new value for every name, twice never the same', () => {
    const [one, other] = [1, 2].map(() => readEnv(filledExample(example, new Map())))
    expect([...(one?.keys() ?? [])]).toEqual(empty)
    for (const name of empty) expect(one?.get(name), name).not.toBe(other?.get(name))
    expect(new Set(one?.values()).size).toBe(empty.length)
  })

  it('know the keys with which each region signs its calls', () => {
    const values = readEnv(filledExample(example, new Map()))
    const known = JSON.parse(values.get('REGION_CALL_PUBLIC_KEYS') ?? '{}') as object
    const own = (code: string) =>
      published(parseKeySet(values.get(`REGION_CALL_KEYS_${code}`) ?? ''))
    expect(known).toEqual({
      'us-east1': own('USE1'),
      'europe-west1': own('EUW1'),
      'asia-southeast1': own('ASE1'),
    })
  })

  it('keep what they were, and gain what they lack', () => {
    const first = readEnv(filledExample(example, new Map()))
    const kept = new Map([...first].filter(([name]) => name !== 'REDIS_PASSWORD'))
    const second = readEnv(filledExample(example, kept))
    for (const [name, value] of kept) expect(second.get(name), name).toBe(value)
    expect(second.get('REDIS_PASSWORD')).toMatch(/^[\w-]{43}$/)
  })

  it('take no name whose kind they cannot tell', () => {
    expect(() => filledExample('COLOUR=\n', new Map())).toThrow('COLOUR')
  })
})
