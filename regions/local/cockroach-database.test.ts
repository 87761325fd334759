import { describe, expect, it } from 'vitest'
import { cockroachUrl, regionStatements } from './cockroach-database.ts'

const three = ['us-east1', 'europe-west1', 'asia-southeast1']

describe('the regions of a local CockroachDB', () => {
  it('are made one statement each, the first is the primary, and three survive', () => {
    expect(regionStatements(three, new Set())).toEqual([
      'alter database frontrow set primary region "us-east1"',
      'alter database frontrow add region "europe-west1"',
      'alter database frontrow add region "asia-southeast1"',
      'alter database frontrow survive region failure',
    ])
  })

  it('are completed where a start was cut, and left alone once they are there', () => {
    expect(regionStatements(three, new Set(['us-east1', 'asia-southeast1']))).toEqual([
      'alter database frontrow add region "europe-west1"',
      'alter database frontrow survive region failure',
    ])
    expect(regionStatements(three, new Set(three))).toEqual([])
  })

  it('promise nothing that two cannot keep', () => {
    expect(regionStatements(['a', 'b'], new Set()).join()).not.toContain('survive')
  })

  it('are reached without a password, on this machine', () => {
    expect(cockroachUrl(1234)).toBe('postgresql://frontrow@127.0.0.1:1234/frontrow?sslmode=disable')
  })
})
