import { describe, expect, it } from 'vitest'
import { seatMapHash } from './seat-map-hash.ts'
import { header, imported, smallCsv, smallJson } from './seat-map-samples.ts'

describe('the hash of a seat map', () => {
  const hash = seatMapHash(imported(smallCsv, 'csv'))

  it('is of the content, not of the file', () => {
    const shuffled = JSON.stringify({ sections: smallJson.sections, name: 'Hall' })
    expect(hash).toMatch(/^[0-9a-f]{64}$/)
    expect(seatMapHash(imported(shuffled, 'json'))).toBe(hash)
  })

  it('is known by heart, as stored addresses depend on it', () => {
    expect(hash).toBe('1bad78bfe4950b80a08dd411b899062e4bcb25536c16a23c27aae0dac6d60bc7')
  })

  it.each([
    ['the name', smallCsv, 'Hall 2'],
    ['a seat name', smallCsv.replace('A,1,2', 'A,1,3'), 'Hall'],
    ['a row name', smallCsv.replace('A,2,1', 'A,3,1'), 'Hall'],
    ['a coordinate', smallCsv.replace('1.50', '1.501'), 'Hall'],
    ['an aisle', smallCsv.replace('true', ''), 'Hall'],
    ['a capacity', smallCsv.replace('40', '41'), 'Hall'],
    [
      'the order',
      `${header}\nFloor,,,,,,40\n${smallCsv.split('\n').slice(1, 4).join('\n')}`,
      'Hall',
    ],
  ])('changes with %s', (_what, csv, name) => {
    expect(seatMapHash(imported(csv, 'csv', name))).not.toBe(hash)
  })
})
