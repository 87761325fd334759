import { describe, expect, it } from 'vitest'
import type { Entry, Invoke, Ok } from '../../history/entry.ts'
import {
  addVersion,
  broken,
  call,
  clean,
  findingOf,
  first,
  isCalm,
  isOk,
  judged,
  type Lie,
  paidOrder,
  replace,
  told,
} from './lie.ts'

describe('an acknowledgement', () => {
  it('of an order that is not there breaks I3, and is counted', () => {
    const { id } = paidOrder()
    const verdict = judged(({ rows }) => {
      rows['orders'] = (rows['orders'] ?? []).filter((row) => row['id'] !== id)
    })
    expect(findingOf(verdict, 'I3').broken).toBeGreaterThan(0)
    expect(verdict.lostAcknowledgements).toBe(1)
    expect(verdict.isBroken).toBe(true)
  })

  it('of another amount than the order has breaks I3', () => {
    const lie = ({ history }: Lie) =>
      replace(
        history,
        (entry) => isOk(entry, 'order.get'),
        (entry) => {
          const { result } = entry as Ok<'order.get'>
          return { ...entry, result: { ...result, total: result.total + 1 } } as Entry
        },
      )
    expect(broken(lie)).toEqual(['I3'])
  })

  it('of a ticket that is not valid any more breaks I3', () => {
    const lie = ({ rows }: Lie) =>
      replace(
        rows['tickets'] ?? [],
        () => true,
        (row) => ({ ...row, state: 'void' }),
      )
    // Of a paid order without all of its tickets I7 complains as well.
    expect(broken(lie)).toEqual(['I3', 'I7'])
  })
})

describe('an order', () => {
  it('that nobody started breaks I4', () => {
    const { id } = paidOrder()
    const isStart = (entry: Entry) =>
      (entry.type === 'invoke' && entry.op === 'checkout.start' && entry.args.hold === id) ||
      (isOk(entry, 'checkout.start') && entry.result.order === id)
    const lie = (all: Lie) => {
      all.history = all.history.filter((entry) => !isStart(entry))
    }
    expect(broken(lie)).toEqual(['I4'])
  })

  it('whose start was refused for good breaks I4', () => {
    const { id } = paidOrder()
    const lie = ({ history }: Lie) =>
      replace(
        history,
        (entry) => isOk(entry, 'checkout.start') && entry.result.order === id,
        (entry) =>
          ({ ...entry, type: 'fail', code: 'HOLD_EXPIRED', transient: false }) as unknown as Entry,
      )
    expect(broken(lie)).toEqual(['I4'])
  })

  it('that was started by somebody else breaks I4', () => {
    const { id } = paidOrder()
    const lie = ({ history }: Lie) =>
      replace(
        history,
        (entry) =>
          entry.type === 'invoke' && entry.op === 'checkout.start' && entry.args.hold === id,
        (entry) => ({ ...entry, actor: 'liar' }),
      )
    expect(broken(lie)).toEqual(['I4'])
  })
})

describe('a key', () => {
  const repeated = () => {
    const seen = new Set<string>()
    return first(clean.history, (entry) => {
      if (!isCalm(entry) || !isOk(entry, 'hold.place')) return false
      return seen.size === seen.add(entry.result.hold).size
    }) as Ok<'hold.place'>
  }

  it('that is answered in two ways breaks I5', () => {
    const { seq } = repeated()
    const lie = ({ history }: Lie) =>
      replace(
        history,
        (entry) => entry.seq === seq,
        (entry) => {
          const { result } = entry as Ok<'hold.place'>
          return { ...entry, result: { ...result, total: result.total + 1 } } as Entry
        },
      )
    expect(broken(lie)).toEqual(['I5'])
  })

  it('that takes a second wish breaks I5', () => {
    const reused = first(
      clean.history,
      (entry) => isCalm(entry) && entry.type === 'fail' && entry.code === 'KEY_REUSED',
    )
    const { result } = first(
      clean.history,
      (entry) => isOk(entry, 'hold.place') && entry.actor === reused.actor,
    ) as Ok<'hold.place'>
    const lie = ({ history }: Lie) =>
      replace(
        history,
        ({ seq }) => seq === reused.seq,
        (entry) => ({ ...entry, type: 'ok', result }) as unknown as Entry,
      )
    expect(broken(lie)).toEqual(['I5'])
  })

  it('that has two charges breaks I5', () => {
    const line = first(clean.ledger, ({ captured }) => captured > 0)
    const other = { ...line, intent: 'pi_forged', captured: 0, voided: line.authorized }
    expect(broken(({ ledger }) => ledger.push(other))).toEqual(['I5'])
  })

  it('whose hold another key was given, too, breaks I5', () => {
    const { of } = repeated()
    const lie = ({ history }: Lie) =>
      replace(
        history,
        ({ seq }) => seq === of,
        (entry) => ({ ...entry, args: { ...(entry as Invoke).args, key: 'lie' } }) as Entry,
      )
    expect(broken(lie)).toEqual(['I5'])
  })

  it('whose payment is answered with another order breaks I5', () => {
    const lie = ({ history }: Lie) =>
      replace(
        history,
        (entry) => isOk(entry, 'checkout.confirm'),
        (entry) => {
          const { result } = entry as Ok<'checkout.confirm'>
          return { ...entry, result: { ...result, order: 'ord_use1_forged' } } as Entry
        },
      )
    expect(told('I5', lie)).toContain('was answered with ord_use1_forged')
  })

  it('that is paid with twice, and answered in two ways, breaks I5', () => {
    const paying = first(
      clean.history,
      (entry) => isOk(entry, 'checkout.confirm') && entry.result.state === 'paid',
    ) as Ok<'checkout.confirm'>
    const { args } = first(clean.history, ({ seq }) => seq === paying.of) as Invoke
    const result = { ...paying.result, total: paying.result.total + 1 }
    const lie = (all: Lie) =>
      call(all, paying.at + 1, { op: 'checkout.confirm', args, end: { type: 'ok', result } })
    expect(told('I5', lie)).toContain('was confirmed twice with one key')
  })

  it('whose order changes its payment breaks I5', () => {
    const started = first(clean.versions, ({ table }) => table === 'payments')
    const after = { ...started.after, intent_id: 'pi_forged' }
    const lie = (all: Lie) => addVersion(all, started, { before: started.after, after })
    expect(told('I5', lie)).toContain('changed its payment')
  })
})
