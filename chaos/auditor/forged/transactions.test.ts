import { describe, expect, it } from 'vitest'
import type { VersionRecord } from '../../evidence/evidence.ts'
import type { Entry, Ok } from '../../history/entry.ts'
import { addVersion, broken, clean, first, isOk, isPaying, type Lie, replace, told } from './lie.ts'

describe('transactions and sessions', () => {
  it('that write two rows in a circle break I12', () => {
    const lie = ({ versions }: Lie) => {
      const paying = first(versions, isPaying)
      const { id } = paying.after ?? {}
      const ofPayment = (state: string) => (record: VersionRecord) =>
        record.table === 'payments' &&
        record.after?.['order_id'] === id &&
        record.after?.['state'] === state
      const started = first(versions, ofPayment('pending'))
      replace(versions, ofPayment('pending'), (record) => ({
        ...record,
        transaction: paying.transaction,
      }))
      replace(versions, ofPayment('authorized'), (record) => ({
        ...record,
        transaction: started.transaction,
      }))
    }
    expect(broken(lie)).toEqual(['I12'])
  })

  const older = (more: object) =>
    broken(({ history }) => {
      replace(
        history,
        (entry) => isOk(entry, 'order.get') && entry.result.state === 'paid',
        (entry) => {
          const { result } = entry as Ok<'order.get'>
          return { ...entry, ...more, result: { ...result, state: 'pending', version: 1 } } as Entry
        },
      )
    })

  it('that are shown what is older than their own write break I14', () => {
    expect(older({})).toEqual(['I14'])
  })

  it('are not wronged when they are told that it is older', () => {
    expect(older({ isOlder: true })).toEqual([])
  })

  it('whose duty was left in no transaction of theirs break I15', () => {
    const lie = (all: Lie) => {
      all.versions = all.versions.filter(
        ({ table, before, after }) =>
          !(table === 'outbox' && before === null && after?.['kind'] === 'order.paid'),
      )
    }
    expect(broken(lie)).toEqual(['I15'])
  })

  it('whose duty is still to be done break I15', () => {
    const lie = ({ rows }: Lie) =>
      replace(
        rows['outbox'] ?? [],
        ({ kind }) => kind === 'order.paid',
        (row) => ({ ...row, done_at: null }),
      )
    expect(broken(lie)).toEqual(['I15'])
  })

  it('that began from one version, so that one of them is lost, break I12', () => {
    const paying = first(clean.versions, isPaying)
    const lie = (all: Lie) => addVersion(all, paying, {})
    expect(told('I12', lie)).toContain('was changed twice from version 1')
  })

  it('whose duty tells of what they did not do break I15', () => {
    const duty = first(clean.versions, ({ table, before }) => table === 'outbox' && before === null)
    const lie = (all: Lie) => addVersion(all, duty, {})
    expect(told('I15', lie)).toContain('made no such change of it')
  })

  it('whose duty is there twice break I15', () => {
    const lie = ({ rows }: Lie) => rows['outbox']?.push({ ...rows['outbox'][0], id: 'lie' })
    expect(broken(lie)).toEqual(['I15'])
  })

  it('whose duty is not there at the end break I15', () => {
    const lie = ({ rows }: Lie) => {
      const place = rows['outbox']?.findIndex(({ kind }) => kind === 'order.paid') ?? -1
      rows['outbox']?.splice(place, 1)
    }
    expect(broken(lie)).toEqual(['I15'])
  })

  it('whose money is taken twice break I15', () => {
    const line = first(clean.ledger, ({ captured }) => captured > 0)
    const lie = ({ ledger }: Lie) => ledger.push({ ...line, intent: 'pi_forged' })
    expect(told('I15', lie)).toContain('was captured 2 times')
  })
})
