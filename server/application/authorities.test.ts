import { beforeEach, describe, expect, it } from 'vitest'
import { Authorities } from './authorities.ts'

let nowMs = 0
let authorities: Authorities
beforeEach(() => {
  nowMs = 5_000
  authorities = new Authorities({ region: 'beta', clock: { monotonicMs: () => nowMs } })
})

const standing = () => authorities.standing('alpha')

describe('what a server knows of an authority', () => {
  it('is nothing before anything was heard', () => {
    expect(standing()).toEqual({ kind: 'nobody' })
    expect(authorities.epochOf('alpha')).toBeNull()
  })

  it('is its own until the lease is over by its clock', () => {
    authorities.granted('alpha', { epoch: 2, untilMs: 6_000 })
    expect(standing()).toEqual({ kind: 'ours', epoch: 2 })
    expect(authorities.held()).toEqual([{ home: 'alpha', epoch: 2 }])
    nowMs = 6_000
    expect(standing()).toEqual({ kind: 'nobody' })
    expect(authorities.held()).toEqual([])
  })

  it('is another one as soon as a newer epoch is heard of, and old news changes nothing', () => {
    authorities.granted('alpha', { epoch: 2, untilMs: 6_000 })
    authorities.heard('alpha', { serverRegion: 'gamma', epoch: 3 })
    expect(standing()).toEqual({ kind: 'theirs', serverRegion: 'gamma', epoch: 3 })
    authorities.heard('alpha', { serverRegion: 'alpha', epoch: 1 })
    authorities.granted('alpha', { epoch: 2, untilMs: 9_000 })
    expect(standing()).toEqual({ kind: 'theirs', serverRegion: 'gamma', epoch: 3 })
  })

  it('is nobody once given away, whatever renewals still answer, until it is taken back', () => {
    authorities.granted('alpha', { epoch: 2, untilMs: 6_000 })
    authorities.ceased('alpha', 2)
    authorities.granted('alpha', { epoch: 2, untilMs: 7_000 })
    expect(standing()).toEqual({ kind: 'nobody' })
    expect(authorities.keptEpoch('alpha')).toBeNull()
    authorities.resumed('alpha', 2)
    authorities.granted('alpha', { epoch: 2, untilMs: 8_000 })
    expect(standing()).toEqual({ kind: 'ours', epoch: 2 })
  })

  it('tells those who wait of a change, and not of a renewal', async () => {
    const told: string[] = []
    const wait = (name: string) =>
      authorities.changed(new AbortController().signal).then(() => told.push(name))
    authorities.granted('alpha', { epoch: 2, untilMs: 6_000 })
    const first = wait('first')
    authorities.granted('alpha', { epoch: 2, untilMs: 7_000 })
    await Promise.resolve()
    expect(told).toEqual([])
    authorities.heard('alpha', { serverRegion: 'gamma', epoch: 3 })
    await first
    expect(told).toEqual(['first'])
  })

  it('lets go of whoever waits no longer', async () => {
    const giveUp = new AbortController()
    const waiting = authorities.changed(giveUp.signal)
    giveUp.abort()
    await waiting
    await authorities.changed(giveUp.signal)
  })
})

describe('what other servers say of an authority', () => {
  it('is taken where it is news', () => {
    authorities.heard('alpha', { serverRegion: 'alpha', epoch: 2 })
    authorities.told('alpha', { serverRegion: 'gamma', epoch: 3 })
    expect(standing()).toEqual({ kind: 'theirs', serverRegion: 'gamma', epoch: 3 })
    authorities.told('alpha', { serverRegion: 'alpha', epoch: 2 })
    expect(standing()).toMatchObject({ serverRegion: 'gamma' })
  })

  it('ends where the database says otherwise, even an epoch from the future', () => {
    authorities.granted('alpha', { epoch: 2, untilMs: 6_000 })
    authorities.told('alpha', { serverRegion: 'gamma', epoch: Number.MAX_SAFE_INTEGER })
    expect(standing()).toMatchObject({ kind: 'theirs', serverRegion: 'gamma' })
    authorities.heard('alpha', { serverRegion: 'beta', epoch: 2 })
    authorities.granted('alpha', { epoch: 2, untilMs: 7_000 })
    expect(standing()).toEqual({ kind: 'ours', epoch: 2 })
  })
})
