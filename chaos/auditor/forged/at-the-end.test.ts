import { describe, expect, it } from 'vitest'
import type { ShownAvailability } from '../../evidence/evidence.ts'
import { broken, call, clean, findingOf, first, judged, type Lie, replace, told } from './lie.ts'

describe('what a region shows', () => {
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

  it('as held though its hold is over by more than its ways between regions breaks I21', () => {
    const { availability } = clean
    const shown = first(availability, ({ sections }) => sections[0]?.states?.includes('0') === true)
    const [section] = shown.sections
    const unit = (section?.firstUnit ?? 0) + (section?.states?.indexOf('0') ?? 0)
    const overBy = (ms: number) =>
      told('I21', (lie) => {
        const states = section?.states?.replace('0', '1') ?? ''
        const free = states.split('0').length - 1
        const now = { ...shown, sections: [{ ...section, states, free }] } as ShownAvailability
        lie.availability = availability.map((one) => (one === shown ? now : one))
        const expiresInMs = 60_000
        const result = {
          hold: 'ord_use1_lie',
          units: [unit],
          total: 1,
          currency: 'USD',
          expiresInMs,
        }
        call(lie, (shown.asOf ?? shown.at) - ms - expiresInMs - 1, {
          op: 'hold.place',
          args: { event: shown.event, key: 'lie', wish: { kind: 'units', units: [unit] } },
          end: { type: 'ok', result },
        })
      })
    expect(overBy(1_500)).toBe('')
    expect(overBy(2_500)).toContain(`as held, of which 0 may be; such as ${unit}`)
  })

  it('as a number that it does not show breaks I21', () => {
    const more = (hides: boolean) => (lie: Lie) =>
      replace(
        lie.availability,
        () => true,
        (shown) => {
          const sections = shown.sections.map((section) => ({
            ...section,
            free: section.free + 1,
            states: hides ? null : section.states,
          }))
          return { ...shown, sections }
        },
      )
    expect(broken(more(false))).toEqual(['I21'])
    expect(broken(more(true))).toEqual(['I21'])
  })

  it('of minutes ago breaks I21, once for each event, and is told with its age', () => {
    const { run, availability } = clean
    const region = run.regions[1] ?? ''
    const asOf = (run.quietAt ?? 0) - 300_000
    const lie = (by: Partial<ShownAvailability>) =>
      judged((all) => {
        all.availability = availability.map((one) =>
          one.region === region ? { ...one, ...by } : one,
        )
      })
    const verdict = lie({ asOf })
    const { broken: times, violations } = findingOf(verdict, 'I21')
    expect(times).toBe(run.events.length)
    expect(violations[0]?.said).toMatch(new RegExp(`^${region} shows .* 300.0 s before`))
    const ageSeconds = ((availability[0]?.at ?? 0) - asOf) / 1_000
    expect(violations[0]?.story.at(-1)).toContain(`as it was ${ageSeconds.toFixed(3)} s before`)
    expect(lie({ asOf: (run.quietAt ?? 0) - 4_000 }).isBroken).toBe(false)
  })

  it('is not held against its age where nobody noted it, as in older evidence', () => {
    const lie = (all: Lie) => {
      all.availability = clean.availability.map(({ at, region, event, sections }) => ({
        at,
        region,
        event,
        sections,
      }))
    }
    expect(broken(lie)).toEqual([])
  })

  it('is something of every event, or breaks I21', () => {
    expect(broken(({ availability }) => availability.pop())).toEqual(['I21'])
  })
})

describe('sales', () => {
  it('that come too late after a healing break I24', () => {
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

  it('whose duties are never done break I24', () => {
    expect(broken((lie) => (lie.run = { ...lie.run, quietAt: null }))).toEqual(['I24'])
  })

  it('that nobody knows the end of break I24', () => {
    const orders = new Set(clean.rows.orders.map(({ id }) => id))
    const asked = new Map<number, string>()
    for (const entry of clean.history) {
      if (entry.type !== 'invoke' || entry.op !== 'checkout.start') continue
      if (orders.has(entry.args.hold)) asked.set(entry.seq, entry.args.hold)
    }
    const lost = first(clean.history, (entry) => entry.type === 'unknown' && asked.has(entry.of))
    const order = lost.type === 'unknown' ? asked.get(lost.of) : undefined
    const lie = ({ rows }: Lie) =>
      replace(
        rows['orders'] ?? [],
        ({ id }) => id === order,
        (row) => ({ ...row, state: 'pending' }),
      )
    expect(told('I24', lie)).toContain('what became of checkout.start is still open')
  })
})

describe('a row', () => {
  const tables = ['claims', 'event_sales', 'orders', 'tickets', 'payments', 'outbox']
  it.each(tables)('of %s in another region than its home breaks I25', (table) => {
    const lie = ({ rows }: Lie) =>
      replace(
        rows[table] ?? [],
        ({ region }) => region === 'us-east1',
        (row) => ({ ...row, region: 'europe-west1' }),
      )
    expect(broken(lie)).toEqual(['I25'])
  })
})
