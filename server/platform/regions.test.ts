import { describe, expect, it } from 'vitest'
import { RegionTable } from './regions.ts'

const table = new RegionTable([
  { name: 'us-east1', code: 'use1' },
  { name: 'europe-west1', code: 'euw1' },
])

describe('the regions of an installation', () => {
  it('have a code for each name, and a name for each code in an id', () => {
    expect(table.codeOf('europe-west1')).toBe('euw1')
    expect(table.has('us-east1')).toBe(true)
    expect(table.has('use1')).toBe(false)
    expect(table.homeOf('evt', `evt_euw1_${'0'.repeat(26)}`)).toBe('europe-west1')
  })

  it('are none for ids of other installations, of another type, or of no form', () => {
    for (const id of [`evt_zzz9_${'0'.repeat(26)}`, `ord_euw1_${'0'.repeat(26)}`, 'evt_euw1', '']) {
      expect(table.homeOf('evt', id)).toBeNull()
    }
    expect(() => table.codeOf('mars-north1')).toThrow('region mars-north1 is absent')
  })

  it('have distinct names and codes', () => {
    const twice = [
      { name: 'us-east1', code: 'use1' },
      { name: 'us-east2', code: 'use1' },
    ]
    expect(() => new RegionTable(twice)).toThrow('region codes are distinct')
    const [first] = twice
    if (first === undefined) return
    const sameName = [first, { ...first, code: 'use2' }]
    expect(() => new RegionTable(sameName)).toThrow('region names are distinct')
  })
})
