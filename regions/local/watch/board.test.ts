/** What the board says of two readings of a server's metrics. */
import { describe, expect, it } from 'vitest'
import { boardLine, boardLines } from './board.ts'
import { figuresOf } from './figures.ts'
import { readSamples } from './metric-samples.ts'

const plain = (text: string) => text
const paint = { bold: plain, dim: plain, red: (text: string) => `!${text}!` }

const call = (le: string, count: number) =>
  `rpc_server_call_duration_seconds_bucket{rpc_method="checkout.confirm",outcome="ok",le="${le}"} ${count}`

function metrics(facts: {
  readonly sold: number
  readonly taken: number
  readonly calls: readonly [number, number, number]
  readonly stuck?: number
  readonly book?: number
}): string {
  const [fast, slow, all] = facts.calls
  return [
    '# TYPE frontrow_tickets_sold_total counter',
    `frontrow_tickets_sold_total{region="us-east1"} ${facts.sold}`,
    `frontrow_refusals_total{code="SEATS_TAKEN"} ${facts.taken}`,
    call('0.05', fast),
    call('0.5', slow),
    call('+Inf', all),
    `rpc_server_call_duration_seconds_count{rpc_method="checkout.confirm",outcome="ok"} ${all}`,
    `frontrow_orders_stuck_total{reason="a \\"quoted\\" reason, with a comma"} ${facts.stuck ?? 0}`,
    `frontrow_hold_book_available ${facts.book ?? 1}`,
  ].join('\n')
}

const at = (seconds: number, text: string) => ({
  atMs: seconds * 1_000,
  samples: readSamples(text),
})

describe('the board', () => {
  const before = at(0, metrics({ sold: 100, taken: 10, calls: [0, 0, 0] }))
  const after = at(5, metrics({ sold: 150, taken: 15, calls: [98, 99, 100] }))
  const figures = figuresOf(before, after)

  it('gives rates of the time between two readings', () => {
    expect(figures.ticketsPerSecond).toBe(10)
    expect(figures.ticketsInAll).toBe(150)
    expect(figures.refusals).toEqual([{ code: 'SEATS_TAKEN', perSecond: 1 }])
  })

  it('gives percentiles as the bound that no such call exceeded', () => {
    const confirm = figures.calls.find(({ name }) => name === 'checkout.confirm')
    expect(confirm).toMatchObject({ perSecond: 20, p50Ms: 50, p99Ms: 500 })
  })

  it('begins anew with a server that began anew', () => {
    const restarted = at(10, metrics({ sold: 5, taken: 0, calls: [1, 1, 1] }))
    expect(figuresOf(after, restarted).ticketsPerSecond).toBe(1)
  })

  it('says in lines what is to be seen, and marks what is bad', () => {
    const lines = boardLines(figures, { history: [0, 5, 10], paint }).join('\n')
    expect(lines).toContain('10.0 tickets/s  ▁▅█  150 in all')
    expect(lines).toContain('SEATS_TAKEN 1.0/s')
    expect(lines).not.toContain('!')
    const bad = at(10, metrics({ sold: 150, taken: 15, calls: [98, 99, 100], stuck: 1, book: 0 }))
    const marked = boardLines(figuresOf(after, bad), { history: [], paint }).join('\n')
    expect(marked).toContain('!1!')
    expect(marked).toContain('!out of reach!')
  })

  it('fits on one line where there is no terminal', () => {
    expect(boardLine(figures)).toBe(
      '10.0 tickets/s, 0 places held/s, 1.0 refused/s, 0 faults/s, confirm p99 ≤ 500 ms',
    )
  })
})
