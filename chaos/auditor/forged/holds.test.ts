import { describe, expect, it } from 'vitest'
import type { FaultRecord } from '../../evidence/evidence.ts'
import type { Held, Ok } from '../../history/entry.ts'
import {
  broken,
  call,
  clean,
  findingOf,
  first,
  heldBy,
  isCalm,
  isOk,
  judged,
  type Lie,
  paidOrder,
  replace,
  told,
} from './lie.ts'

describe('a hold', () => {
  const calmHold = () =>
    first(
      clean.history,
      (entry) => isCalm(entry) && isOk(entry, 'hold.place') && entry.result.units.length < 4,
    ) as Ok<'hold.place'>
  const eventOf = ({ of }: Ok<'hold.place'>) => {
    const asked = first(clean.history, ({ seq }) => seq === of)
    return (asked.type === 'invoke' && asked.op === 'hold.place' && asked.args.event) || ''
  }
  const steal = (lie: Lie) => {
    const { result, at, ...entry } = calmHold()
    const stolen: Held = { ...result, hold: 'ord_use1_forged' }
    const wish = { kind: 'units', units: result.units }
    const args = { event: eventOf({ result, at, ...entry }), key: 'lie', wish }
    call(lie, at + 1, { op: 'hold.place', args, end: { type: 'ok', result: stolen } })
  }

  it('of a unit that somebody else surely holds breaks I9', () => {
    expect(broken(steal)).toEqual(['I9'])
  })

  it('is only counted as lost when Redis was harmed in between', () => {
    const { at } = calmHold()
    const wiped: FaultRecord = {
      at: at - 1,
      what: 'inject',
      id: 9,
      kind: 'redis.wiped',
      where: 'us-east1',
      said: 'its memory is empty',
    }
    const verdict = judged((lie) => {
      steal(lie)
      lie.faults.push(wiped)
    })
    expect(verdict.isBroken).toBe(false)
    expect(findingOf(verdict, 'I9').counts['lostHolds']).toBeGreaterThan(0)
  })

  it('that is refused its own seats breaks I10', () => {
    const ordered = new Set(clean.rows.orders.map(({ id }) => id))
    const released = new Set(
      clean.history.flatMap((entry) =>
        entry.type === 'invoke' && entry.op === 'hold.release' ? [entry.args.hold] : [],
      ),
    )
    const left = first(
      clean.history,
      (entry) =>
        isCalm(entry) &&
        isOk(entry, 'hold.place') &&
        !ordered.has(entry.result.hold) &&
        !released.has(entry.result.hold),
    ) as Ok<'hold.place'>
    const args = { event: eventOf(left), hold: left.result.hold }
    const end = { type: 'fail', code: 'SEATS_TAKEN', transient: false }
    const lie = (all: Lie) => call(all, left.at + 1, { op: 'checkout.start', args, end })
    expect(broken(lie)).toEqual(['I10'])
  })

  it('beyond the limit of the event breaks I18', () => {
    const { id, event_id: event } = paidOrder()
    const { at } = heldBy(id)
    const args = { event, key: 'more', wish: { kind: 'standing', count: 6 } }
    const held = { hold: 'ord_use1_more', total: 0, currency: 'EUR', expiresInMs: 600_000 }
    const free = Array.from({ length: 7 }, (_, place) => 100_000 + place)
    const end = { type: 'ok', result: { ...held, units: free } }
    expect(broken((lie) => call(lie, at + 1, { op: 'hold.place', args, end }))).toEqual(['I18'])
  })

  it('that was paid beyond the limit of the event breaks I18', () => {
    const lie = (all: Lie) => {
      const events = clean.run.events.map((event) => ({ ...event, limitPerBuyer: 3 }))
      all.run = { ...all.run, events }
    }
    expect(broken(lie)).toEqual(['I18'])
  })

  it('that became an order beyond the limit breaks I18, while it lives and at the end', () => {
    const [reserved, paid] = [
      first(clean.versions, ({ table, before }) => table === 'orders' && before === null),
      paidOrder(),
    ]
    const grown = { ...reserved.after, units: 7 }
    const more = (all: Lie) =>
      replace(
        all.versions,
        (one) => one === reserved,
        () => ({ ...reserved, after: grown }),
      )
    expect(told('I18', more)).toContain('had 7 units')
    const [line] = paid['lines'] as readonly object[]
    const lines = Array.from({ length: 7 }, () => line)
    const bought = ({ rows }: Lie) =>
      replace(
        rows['orders'] ?? [],
        (row) => row === paid,
        (row) => ({ ...row, lines }),
      )
    expect(told('I18', bought)).toContain('bought 7 units')
  })
})
