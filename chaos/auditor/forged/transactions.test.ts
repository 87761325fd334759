import { describe, expect, it } from 'vitest'
import type { VersionRecord } from '../../evidence/evidence.ts'
import type { Entry, Ok } from '../../history/entry.ts'
import { broken, first, isOk, isPaying, type Lie, replace } from './lie.ts'

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
})
