import { describe, expect, it } from 'vitest'
import { EndpointList } from './endpoint-list.ts'

/** Two endpoints and a clock that moves when told. */
function twoEndpoints() {
  const clock = { nowMs: 1_000_000 }
  const nowMs = () => clock.nowMs
  const bases = ['https://a.example', 'https://b.example/x/']
  const list = new EndpointList(bases, { nowMs, nearest: false })
  const [a, b] = list.all
  if (a === undefined || b === undefined) throw new Error('two were given')
  return { list, a, b, clock }
}

describe('the list of endpoints', () => {
  it('prefers the first, and comes back to it when its rest is over', () => {
    const { list, a, b, clock } = twoEndpoints()
    expect(list.next()).toBe(a)
    list.failed(a)
    expect(list.next()).toBe(b)
    clock.nowMs += 1_000
    expect(list.next()).toBe(a)
  })

  it('lets one that keeps failing rest twice as long each time, up to a minute', () => {
    const { list, a, clock } = twoEndpoints()
    const restsMs: number[] = []
    for (let failures = 0; failures < 8; failures += 1) {
      list.failed(a)
      restsMs.push(a.restsUntilMs - clock.nowMs)
      clock.nowMs = a.restsUntilMs
    }
    expect(restsMs).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  })

  it('counts calls that fail together once', () => {
    const { list, a, clock } = twoEndpoints()
    for (let call = 0; call < 100; call += 1) list.failed(a)
    expect(a.restsUntilMs - clock.nowMs).toBe(1_000)
  })

  it('forgives with the first answer', () => {
    const { list, a, clock } = twoEndpoints()
    list.failed(a)
    list.answered(a)
    expect(list.next()).toBe(a)
    list.failed(a)
    expect(a.restsUntilMs - clock.nowMs).toBe(1_000)
  })

  it('when all rest, gives the one whose rest ends first, and says that none is ready', () => {
    const { list, a, b, clock } = twoEndpoints()
    list.failed(a)
    clock.nowMs += 10
    list.failed(b)
    expect(list.next()).toBe(a)
    expect(list.hasReady()).toBe(false)
  })

  it('puts the procedures below the base URL', () => {
    const { a, b } = twoEndpoints()
    expect(a.trpcUrl).toBe('https://a.example/trpc')
    expect(b.trpcUrl).toBe('https://b.example/x/trpc')
  })
})
