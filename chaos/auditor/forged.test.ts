import { describe, expect, it } from 'vitest'
import type { FaultRecord, LedgerLine, Row, VersionRecord } from '../evidence/evidence.ts'
import type { Entry, Held, Ok, Operation } from '../history/entry.ts'
import { audit } from './audit.ts'
import { cleanEvidence } from './clean/clean-evidence.ts'
import type { Evidence } from './read-evidence.ts'
import type { Finding, Verdict } from './verdict.ts'

/** As the auditor takes it, but open to whoever lies. */
type Lie = {
  -readonly [Key in Exclude<keyof Evidence, 'rows'>]: Evidence[Key] extends readonly (infer Value)[]
    ? Value[]
    : Evidence[Key]
} & { rows: Record<string, Row[]> }

const clean = cleanEvidence({ seed: 7, operations: 4_000 })
const startedAt = clean.run.startedAt
/** Before the region was lost, so that nothing excuses a hold. */
const calmUntil = (clean.faults.find(({ kind }) => kind === 'region.lost')?.at ?? 0) - 2_100

function judged(change: (lie: Lie) => void): Verdict {
  const lie = { ...clean, rows: { ...clean.rows } } as unknown as Lie
  for (const name of ['history', 'faults', 'versions', 'ledger', 'availability'] as const) {
    lie[name] = [...clean[name]] as never
  }
  for (const [table, rows] of Object.entries(clean.rows)) lie.rows[table] = [...rows]
  change(lie)
  return audit(lie as unknown as Evidence)
}

function broken(change: (lie: Lie) => void): string[] {
  return judged(change)
    .findings.filter((finding) => finding.broken > 0)
    .map(({ id }) => id)
}

function findingOf(verdict: Verdict, id: string): Finding {
  const found = verdict.findings.find((finding) => finding.id === id)
  if (found === undefined) throw new Error(`there is no ${id}`)
  return found
}

/** Puts another value into the place of the first that fits, whatever else points to the old one. */
function replace<Value>(
  values: Value[],
  fits: (value: Value) => boolean,
  change: (value: Value) => Value,
): Value {
  const place = values.findIndex(fits)
  const value = values[place]
  if (value === undefined) throw new Error('the clean run has nothing of this kind')
  values[place] = change(value)
  return value
}

function first<Value>(values: readonly Value[], fits: (value: Value) => boolean): Value {
  const value = values.find(fits)
  if (value === undefined) throw new Error('the clean run has nothing of this kind')
  return value
}

const isOk = <Name extends Operation>(
  entry: Entry,
  op: Name,
): entry is Extract<Entry, { type: 'ok'; op: Name }> => entry.type === 'ok' && entry.op === op
const isCalm = ({ at }: { readonly at: number }) => at < calmUntil
const paidOrder = () => first(clean.rows.orders, ({ state }) => state === 'paid')
const heldBy = (hold: unknown) =>
  first(clean.history, (entry) => isOk(entry, 'hold.place') && entry.result.hold === hold)

/** One more call, answered at once. */
function call(lie: Lie, at: number, said: { op: Operation; args: object; end: object }): void {
  const { op, args, end } = said
  const who = { process: 'liar.1', actor: 'liar', region: 'us-east1', op }
  const seq = lie.history.length + 1_000_000
  lie.history.push({ seq, at, ...who, type: 'invoke', args } as unknown as Entry)
  lie.history.push({ seq: seq + 1, at: at + 1, ...who, of: seq, ...end } as unknown as Entry)
}

function addVersion(lie: Lie, like: VersionRecord, change: Partial<VersionRecord>): void {
  const at = lie.versions.at(-1)?.at ?? startedAt
  lie.versions.push({ ...like, seq: lie.versions.length + 1, at, transaction: 'lie', ...change })
}

const isPaying = ({ table, after }: VersionRecord) =>
  table === 'orders' && after?.['state'] === 'paid'

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
})

describe('money', () => {
  const change = (fits: (line: LedgerLine) => boolean, by: (line: LedgerLine) => object) =>
    broken(({ ledger }) => {
      replace(ledger, fits, (line) => ({ ...line, ...by(line) }))
    })

  it('that is a cent less than the order costs breaks I6', () => {
    const isTaken = ({ captured }: LedgerLine) => captured > 0
    const lie = change(isTaken, ({ captured }) => ({ captured: captured - 1, voided: 1 }))
    expect(lie).toEqual(['I6'])
  })

  it('that is neither taken nor given back breaks I7', () => {
    const isVoid = ({ status }: LedgerLine) => status === 'canceled'
    expect(change(isVoid, ({ amount }) => ({ authorized: amount }))).toEqual(['I7'])
  })

  it('that is kept of an order which is void breaks I7, and without webhooks I16', () => {
    const isVoid = ({ status }: LedgerLine) => status === 'canceled'
    const lie = change(isVoid, ({ amount }) => ({ authorized: amount, captured: amount }))
    expect(lie).toEqual(['I6', 'I7', 'I16'])
  })

  it('that is of an order which is still open breaks I7', () => {
    const lie = ({ rows }: Lie) =>
      replace(
        rows['orders'] ?? [],
        ({ state }) => state === 'void',
        (row) => ({ ...row, state: 'pending' }),
      )
    // Its last change and its duties say that it is void, and money without an end is I16's too.
    expect(broken(lie)).toEqual(expect.arrayContaining(['I7']))
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

describe('what everybody sees', () => {
  const show = (from: string, to: string) =>
    broken(({ availability }) => {
      replace(
        availability,
        ({ sections }) => sections[0]?.states?.includes(from) === true,
        (shown) => {
          const [section] = shown.sections
          if (section?.states === undefined || section.states === null) return shown
          const states = section.states.replace(from, to)
          const free = states.split('0').length - 1
          return { ...shown, sections: [{ ...section, states, free }] }
        },
      )
    })

  it('as free and is sold breaks I21', () => {
    expect(show('2', '0')).toEqual(['I21'])
  })

  it('as held and nobody has breaks I21', () => {
    expect(show('0', '1')).toEqual(['I21'])
  })

  it('of an event beyond the limit of its buyers breaks I18', () => {
    const lie = (all: Lie) => {
      const events = clean.run.events.map((event) => ({ ...event, limitPerBuyer: 3 }))
      all.run = { ...all.run, events }
    }
    expect(broken(lie)).toEqual(['I18'])
  })

  it('too late after a healing breaks I24', () => {
    const after = (seconds: number | null) =>
      broken(({ faults }) => {
        replace(
          faults,
          ({ what }) => what === 'progress',
          (fault) => ({ ...fault, firstSaleSeconds: { 'us-east1': seconds } }),
        )
      })
    expect(after(10.4)).toEqual(['I24'])
    expect(after(null)).toEqual(['I24'])
    expect(after(9.9)).toEqual([])
  })

  it('never, because the duties were not done, breaks I24', () => {
    expect(broken((lie) => (lie.run = { ...lie.run, quietAt: null }))).toEqual(['I24'])
  })

  it('in another region than its home breaks I25', () => {
    const lie = ({ rows }: Lie) =>
      replace(
        rows['orders'] ?? [],
        ({ region }) => region === 'us-east1',
        (row) => ({ ...row, region: 'europe-west1' }),
      )
    expect(broken(lie)).toEqual(['I25'])
  })

  it('at another price than is charged breaks I26', () => {
    const { id } = paidOrder()
    const lie = ({ history }: Lie) => {
      for (const [place, entry] of history.entries()) {
        if (!isOk(entry, 'hold.place') || entry.result.hold !== id) continue
        history[place] = { ...entry, result: { ...entry.result, total: entry.result.total - 1 } }
      }
    }
    expect(broken(lie)).toEqual(['I26'])
  })

  it('at a price that the event does not have breaks I26', () => {
    const lie = (all: Lie) => {
      const events = clean.run.events.map((event) => ({
        ...event,
        prices: event.prices.map((price) => ({ ...price, amounts: [1] })),
      }))
      all.run = { ...all.run, events }
    }
    expect(broken(lie)).toEqual(['I26'])
  })
})
