import { describe, expect, it } from 'vitest'
import type { Endpoint } from '../endpoint.ts'
import { EndpointList } from '../endpoint-list.ts'
import { failure } from '../failure.ts'
import { Doubts } from './doubts.ts'

const unavailable = failure('UNAVAILABLE', '', { transient: true, endpoint: 'doubtful' })
const noAuthority = failure('NO_AUTHORITY', '', { transient: true })

function call() {
  const bases = ['https://a.example', 'https://b.example']
  const list = new EndpointList(bases, { nowMs: () => 0, nearest: false })
  const [a, b] = list.all as readonly [Endpoint, Endpoint]
  const doubts = new Doubts(list)
  return { list, a, b, doubts, resting: () => list.all.filter((one) => list.isResting(one)) }
}

describe('an endpoint that could not help', () => {
  it('rests when another one could', () => {
    const { a, b, list, doubts, resting } = call()
    expect(doubts.failed(a, unavailable)).toBe(true)
    expect(list.next(doubts.avoided)).toBe(b)
    expect(resting()).toEqual([])
    doubts.answered(b)
    expect(resting()).toEqual([a])
  })

  it('does not rest when no other one could either, and is the next again', () => {
    const { a, b, list, doubts, resting } = call()
    doubts.failed(a, unavailable)
    expect(doubts.failed(b, unavailable)).toBe(false)
    expect(list.next(doubts.avoided)).toBe(a)
    doubts.answered(a)
    expect(resting()).toEqual([])
  })

  it('is asked again when nobody sells yet, and another one when it still says so', () => {
    const { a, b, list, doubts } = call()
    expect(doubts.failed(a, noAuthority)).toBe(false)
    expect(list.next(doubts.avoided)).toBe(a)
    // Others may know, but not sooner: the call waits all the same.
    expect(doubts.failed(a, noAuthority)).toBe(false)
    expect(list.next(doubts.avoided)).toBe(b)
  })

  it('that is dead is not tried again by this call before all others, when none is ready', () => {
    const { a, b, list, doubts } = call()
    const dead = failure('NETWORK', '', { transient: true, endpoint: 'failed' })
    const tried: Endpoint[] = []
    for (let attempt = 0; attempt < 4; attempt += 1) {
      const endpoint = list.next(doubts.avoided)
      tried.push(endpoint)
      list.failed(endpoint)
      doubts.failed(endpoint, dead)
    }
    expect(tried).toEqual([a, b, a, b])
  })

  it('is no matter to other refusals', () => {
    const { a, list, doubts } = call()
    for (const code of ['CONTENTION', 'AUTHORITY_MOVED', 'OLD_EPOCH', 'RATE_LIMITED'] as const) {
      expect(doubts.failed(a, failure(code, '', { transient: true }))).toBe(false)
      expect(list.next(doubts.avoided)).toBe(a)
    }
  })
})
