import { createHash } from 'node:crypto'
import fastCheck from 'fast-check'
import { describe, expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import {
  derivedSuffix,
  type EventId,
  IdMaker,
  idPatterns,
  orderIdFor,
  regionCodeOf,
  ticketIdFor,
  ticketParts,
} from './ids.ts'
import { systemRandom } from './random.ts'

const event = `evt_use1_${'0'.repeat(26)}` as EventId

describe('fresh ids', () => {
  it('sort by their time, and are distinct within a millisecond', () => {
    let nowMs = 1_700_000_000_000
    const maker = new IdMaker({
      clock: { ...systemClock, nowMs: () => nowMs },
      random: systemRandom,
    })
    const ids: string[] = []
    for (let count = 0; count < 2_000; count += 1) {
      if (count % 100 === 99) nowMs += 1
      ids.push(maker.regional('evt', 'use1'))
    }
    expect(ids.toSorted((a, b) => (a < b ? -1 : 1))).toEqual(ids)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.every((id) => idPatterns.evt.test(id))).toBe(true)
    expect(maker.global('org')).toMatch(idPatterns.org)
  })

  it('go on when the clock jumps back', () => {
    let nowMs = 1_700_000_000_000
    const maker = new IdMaker({
      clock: { ...systemClock, nowMs: () => nowMs },
      random: systemRandom,
    })
    const before = maker.global('ven')
    nowMs -= 3_600_000
    expect(maker.global('ven')).not.toBe(before)
  })
})

describe('the region of an id', () => {
  it('is read from ids of the type that was asked for, and from nothing else', () => {
    expect(regionCodeOf('evt', event)).toBe('use1')
    const none = [
      event.replace('evt', 'ord'),
      event.toUpperCase(),
      `${event}0`,
      event.slice(0, -1),
      `${event}\n`,
      ` ${event}`,
      event.replace('use1', 'US'),
      event.replace('use1', 'toolongcode'),
      event.replace('_0', '_8'),
      event.replace(/0$/, 'u'),
      '',
    ]
    for (const id of none) expect(regionCodeOf('evt', id)).toBeNull()
  })
})

describe('derived ids', () => {
  const wish = { event, buyer: 'ann', key: 'key-1' }

  it('are the same for the same wish, and in the event`s region', () => {
    expect(orderIdFor(wish)).toBe(orderIdFor({ ...wish }))
    expect(orderIdFor(wish)).toMatch(idPatterns.ord)
    expect(regionCodeOf('ord', orderIdFor(wish))).toBe('use1')
  })

  it('are UUIDv8 over SHA-256 of the parts with their lengths', () => {
    const digest = createHash('sha256').update('3:abc0:').digest()
    const first = BigInt(`0x${digest.toString('hex', 0, 6)}`)
    // 26 characters of 5 bits are 130 bits: the first 48 of 128 bits begin after two zero bits.
    const suffix = derivedSuffix(['abc', ''])
    const value = suffix
      .split('')
      .reduce(
        (sum, digit) => sum * 32n + BigInt('0123456789abcdefghjkmnpqrstvwxyz'.indexOf(digit)),
        0n,
      )
    expect(value >> 80n).toBe(first)
    expect((value >> 76n) & 15n).toBe(8n)
    expect((value >> 62n) & 3n).toBe(2n)
  })

  it('differ when any part differs, and no list of parts is spliced into another', () => {
    const parts = fastCheck.array(fastCheck.string({ maxLength: 6 }), { maxLength: 4 })
    fastCheck.assert(
      fastCheck.property(parts, parts, (left, right) => {
        const same = JSON.stringify(left) === JSON.stringify(right)
        expect(derivedSuffix(left) === derivedSuffix(right)).toBe(same)
      }),
    )
    expect(derivedSuffix(['ab', 'c'])).not.toBe(derivedSuffix(['a', 'bc']))
    expect(derivedSuffix(['1:a'])).not.toBe(derivedSuffix(['', 'a']))
  })

  it('are none for what is no event', () => {
    expect(() => orderIdFor({ ...wish, event: 'evt_x' as EventId })).toThrow('not an event id')
  })
})

describe('ticket ids', () => {
  it('name their order and unit, and back', () => {
    const order = orderIdFor({ event, buyer: 'ann', key: 'k' })
    for (const unit of [0, 7, 99_999]) {
      const id = ticketIdFor(order, unit)
      expect(id).toMatch(idPatterns.tkt)
      expect(ticketParts(id)).toEqual({ order, unit })
    }
    const zero = ticketIdFor(order, 0)
    for (const wrong of [`${zero}0`, zero.slice(0, -2), `${zero}_1`, `${zero} `, order, '']) {
      expect(ticketParts(wrong)).toBeNull()
    }
  })
})
