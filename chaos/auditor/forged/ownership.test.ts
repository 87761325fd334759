import { describe, expect, it } from 'vitest'
import { addVersion, broken, clean, first, isPaying, type Lie, replace } from './lie.ts'

it('a clean run breaks nothing', () => {
  expect(broken(() => undefined)).toEqual([])
})

describe('a unit', () => {
  it('that has two valid tickets breaks I1', () => {
    const [one, other] = clean.rows.tickets.filter(({ state }) => state === 'valid')
    const lie = ({ rows }: Lie) =>
      rows['tickets']?.push({ ...one, order_id: other?.['order_id'] ?? '' })
    // The other order has a ticket more than it should, too.
    expect(broken(lie)).toEqual(expect.arrayContaining(['I1']))
  })

  it('that is issued to two orders breaks I1, even if one of them is gone at the end', () => {
    const issued = first(clean.versions, ({ table }) => table === 'tickets')
    const after = { ...issued.after, order_id: 'ord_use1_forged' }
    const lie = (all: Lie) => addVersion(all, issued, { after })
    expect(broken(lie)).toEqual(['I1'])
  })

  it('that is of no paid order and is sold breaks I1', () => {
    const lie = ({ rows }: Lie) =>
      replace(
        rows['claims'] ?? [],
        ({ state }) => state === 'free',
        (row) => ({ ...row, state: 'sold', order_id: 'ord_use1_forged' }),
      )
    expect(broken(lie)).toEqual(expect.arrayContaining(['I1']))
  })

  it('beyond those of its event breaks I2', () => {
    const made = first(clean.versions, ({ table }) => table === 'claims')
    const after = { ...made.after, unit: clean.run.events[0]?.units ?? 0 }
    expect(broken((lie) => addVersion(lie, made, { after }))).toEqual(['I2'])
  })

  it('of an event that is oversold breaks I2', () => {
    const lie = (all: Lie) => {
      const [event, ...others] = clean.run.events
      if (event !== undefined)
        all.run = { ...all.run, events: [{ ...event, units: 20 }, ...others] }
    }
    expect(broken(lie)).toEqual(['I2'])
  })
})

describe('a row', () => {
  it('that leaves its end breaks I8', () => {
    const paying = first(clean.versions, isPaying)
    const after = { ...paying.after, state: 'void', version: 3 }
    // And no duty tells of it: I15.
    expect(broken((lie) => addVersion(lie, paying, { before: paying.after, after }))).toEqual([
      'I8',
      'I15',
    ])
  })

  it('that skips a version breaks I8', () => {
    const lie = ({ versions }: Lie) =>
      replace(versions, isPaying, (record) => ({
        ...record,
        after: { ...record.after, version: 3 },
      }))
    // That version 2 was read is then a read of what was never committed: I12.
    expect(broken(lie)).toEqual(['I8', 'I12'])
  })

  it('that is taken from a living reservation breaks I8', () => {
    const lie = ({ versions }: Lie) =>
      replace(
        versions,
        ({ table, after }) => table === 'claims' && after?.['state'] === 'sold',
        (record) => ({ ...record, after: { ...record.after, order_id: 'ord_use1_forged' } }),
      )
    // The ticket then is of another order than the sale: I1.
    expect(broken(lie)).toEqual(['I1', 'I8'])
  })

  it('that is sold without its order breaks I8', () => {
    const lie = ({ versions }: Lie) =>
      replace(
        versions,
        ({ table, after }) => table === 'claims' && after?.['state'] === 'reserved',
        (record) => ({ ...record, transaction: 'lie' }),
      )
    expect(broken(lie)).toEqual(['I8'])
  })

  it("that the drill's hand changes in more than its time breaks I8", () => {
    const lie = ({ versions }: Lie) =>
      replace(
        versions,
        ({ table, writer }) => table === 'claims' && writer === 'drill',
        (record) => ({ ...record, after: { ...record.after, state: 'free' } }),
      )
    expect(broken(lie)).toEqual(['I8'])
  })
})

describe('an authority', () => {
  it('whose sales somebody else writes breaks I11', () => {
    const lie = ({ versions }: Lie) =>
      replace(versions, isPaying, (record) => ({ ...record, writer: 'nowhere-east9' }))
    expect(broken(lie)).toEqual(['I11'])
  })

  it('whose epoch jumps breaks I11', () => {
    const lie = ({ versions }: Lie) =>
      replace(
        versions,
        ({ table, before }) => table === 'authority' && before !== null,
        (record) => ({ ...record, after: { ...record.after, epoch: 9 } }),
      )
    expect(broken(lie)).toEqual(['I11'])
  })

  it('whose row is written in an older epoch than before breaks I11', () => {
    const lie = ({ versions }: Lie) =>
      replace(
        versions,
        ({ table, before }) => table === 'orders' && before === null,
        (record) => ({ ...record, epoch: record.epoch + 40 }),
      )
    expect(broken(lie)).toEqual(['I11'])
  })
})
