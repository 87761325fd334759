import { expect, it } from 'vitest'
import type { Figures } from './figures.ts'
import { type RegionFigures, regionBoardLine, regionBoardLines } from './region-board.ts'

const plain = (text: string) => text
const paint = { bold: plain, dim: plain, red: (text: string) => `!${text}!` }

const call = (name: string, p50Ms: number) => ({ name, perSecond: 1, p50Ms, p99Ms: p50Ms * 2 })
const figures: Figures = {
  ticketsPerSecond: 10,
  ticketsInAll: 150,
  heldPerSecond: 12,
  faultsPerSecond: 0,
  calls: [call('holds.place', 25), call('checkout.start', 1), call('checkout.confirm', 100)],
  refusals: [{ code: 'SEATS_TAKEN', perSecond: 2 }],
  oldestDueSeconds: 0,
  stuckOrders: 0,
  connections: { used: 1, max: 10, waiting: 0 },
  eventLoopP99Ms: 1,
  memoryMegabytes: 100,
  holdBook: true,
}
const regions: readonly RegionFigures[] = [
  { name: 'us-east1', state: 'up', figures },
  { name: 'europe-west1', state: 'up', figures: { ...figures, stuckOrders: 2, holdBook: false } },
  { name: 'asia-southeast1', state: 'down', figures: null },
]

it('has a line for each region, what is not well below it, and the sum above', () => {
  const lines = regionBoardLines(regions, { history: [0, 20], paint })
  const text = lines.join('\n')
  expect(lines[0]).toBe('20.0 tickets/s  ▁█  300 in all')
  expect(text).toMatch(
    /^us-east1 +10\.0 +150 +12\.0 +2\.0 +0 +≤ 25\.0 ms +≤ 50\.0 ms +≤ 100 ms +≤ 200 ms$/m,
  )
  expect(text).toMatch(/!  hold book out of reach   2 orders stuck!/)
  expect(text).toMatch(/^asia-southeast1 +!  is down!$/m)
  expect(text).toContain('SEATS_TAKEN 4.0/s')
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThan(120)
})

it('tells a region that does not answer from one that was taken down', () => {
  const silent: RegionFigures = { name: 'us-east1', state: 'up', figures: null }
  const lines = regionBoardLines([silent, ...regions], { history: [], paint })
  expect(lines.join('\n')).toContain('!  does not answer!')
  expect(regionBoardLine([silent, ...regions.slice(1)])).toBe(
    'us-east1 does not answer; europe-west1 10.0 tickets/s, 12.0 places held/s, confirm p99 ≤ 200 ms; asia-southeast1 is down',
  )
})
