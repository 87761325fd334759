import { describe, expect, it } from 'vitest'
import { exitCodeOf } from './onsale.ts'
import { jsonReport, type Run, textReport } from './report.ts'

const run: Run = {
  fans: 100,
  seed: 4,
  arrivalsPerSecond: null,
  atOnce: 8,
  system: 'the system at http://tickets.example',
  units: 20_000,
  currency: 'USD',
  machine: { cpus: 2, model: 'a processor', node: '20.19.0' },
  durations: { prepareSeconds: 1.04, saleSeconds: 10, settleSeconds: 2 },
  lagMs: 0,
  figures: {
    steps: {
      hold: { count: 90, p50: 4.04, p99: 21, p999: 30, max: 31 },
      sale: { count: 60, p50: 40, p99: 80, p999: 90, max: 91 },
    },
    refusals: { CARD_DECLINED: 7, SEATS_TAKEN: 2 },
    outcomes: { bought: 80, 'gave up': 20 },
    retries: 3,
    ordersPerSecond: 8.04,
    ticketsPerSecond: 20,
    warmUpMs: 0,
  },
  groups: [],
  load: {
    seconds: 10,
    generatorCpuSeconds: 1,
    machineCpuSeconds: 4,
    machineBusyShare: 0.2,
    generatorDelayP99Ms: 6,
  },
  verdict: {
    sold: 200,
    paidOrders: 80,
    revenue: 123_456,
    doubleSold: 0,
    disagreements: [],
    checked: { api: true, database: true, ledger: true },
  },
}

function disagreeing(count: number): Run {
  const disagreements = Array.from({ length: count }, (_, unit) => `unit ${unit} was sold twice`)
  return { ...run, verdict: { ...run.verdict, doubleSold: count, disagreements } }
}

describe('the exit code', () => {
  it('is 0 only when nothing disagrees', () => {
    expect(exitCodeOf(run.verdict)).toBe(0)
    expect(exitCodeOf(disagreeing(1).verdict)).toBe(1)
  })
})

describe('the report for programs', () => {
  it('has what was sold, how fast, what was refused, and the verdict', () => {
    expect(jsonReport(run)).toMatchObject({
      sold: 200,
      orders: 80,
      revenue: 123_456,
      salesPerSecond: 8,
      ticketsPerSecond: 20,
      refusals: { CARD_DECLINED: 7, SEATS_TAKEN: 2 },
      retries: 3,
      steps: { hold: { count: 90, p50: 4, p99: 21 }, sale: { p99: 80 } },
      doubleSold: 0,
      disagreements: [],
      seed: 4,
      fans: 100,
      machine: { cpus: 2, node: '20.19.0' },
      durations: { prepareSeconds: 1, saleSeconds: 10 },
      isGeneratorLagging: false,
    })
  })

  it('stays bounded when everything is wrong', () => {
    const report = jsonReport(disagreeing(5_000))
    expect(report.disagreements).toHaveLength(1_000)
    expect(report.disagreementsInAll).toBe(5_000)
  })
})

describe('the report for people', () => {
  it('says in its last line that all agrees, and by whose word', () => {
    const last = textReport(run).split('\n').at(-1)
    expect(last).toContain('All agrees')
    expect(last).toContain("the public API, the rows, the payment provider's ledger")
  })

  it('says what could not be checked, and how it can', () => {
    const checked = { api: true, database: false, ledger: false } as const
    const text = textReport({ ...run, verdict: { ...run.verdict, checked } })
    expect(text).toContain('Not checked: rows (--database)')
    expect(text).toContain('--stripe')
  })

  it('shows each step, and each refusal with its count', () => {
    const text = textReport(run)
    expect(text).toMatch(/^hold +90 +4\.0 +21\.0/m)
    expect(text).toContain('7 CARD_DECLINED, 2 SEATS_TAKEN')
    expect(text).toContain('1234.56 USD')
  })

  it('shows fans of each place apart, at home and far away', () => {
    expect(textReport(run)).not.toContain('Fans of')
    const near = { place: 'us-east1', isHome: true, figures: run.figures }
    const far = { ...near, isHome: false, figures: { ...run.figures, steps: {}, refusals: {} } }
    const groups = [near, far]
    const text = textReport({ ...run, groups })
    expect(text).toMatch(/^us-east1 +home +8\.0 +9 +- +- +4\.0 +21\.0 +- +- +40\.0 +80\.0$/m)
    expect(text).toMatch(/^us-east1 +far +8\.0 +0( +-){8}$/m)
    expect(jsonReport({ ...run, groups }).groups).toMatchObject([
      { fansOf: 'us-east1', event: 'home', salesPerSecond: 8, steps: { hold: { p50: 4 } } },
      { fansOf: 'us-east1', event: 'far', steps: {} },
    ])
  })

  it('shows the first disagreements and how many more there are', () => {
    const text = textReport(disagreeing(25))
    expect(text).toContain('DISAGREES in 25 points, 25 places sold twice')
    expect(text).toContain('unit 19 was sold twice')
    expect(text).not.toContain('unit 20 was')
    expect(text).toContain('and 5 more')
  })

  it('warns when the generator could not keep its schedule', () => {
    const late = { ...run, arrivalsPerSecond: 50, atOnce: null, lagMs: 101 }
    expect(textReport(late)).toContain('WARNING')
    expect(textReport({ ...late, lagMs: 99 })).not.toContain('WARNING')
    expect(jsonReport(late).isGeneratorLagging).toBe(true)
  })
})
