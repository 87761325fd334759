import { expect, it } from 'vitest'
import { MeasuredGroups } from './measured-groups.ts'

it('counts everything once for its group and once for all', () => {
  const groups = new MeasuredGroups()
  const opening = { openedAtMs: 0, fullUntilMs: 1_000 }
  groups.recorderOf({ place: 'us', isHome: false }).took('hold', 500, 100)
  groups.recorderOf({ place: 'us', isHome: true }).took('hold', 500, 10)
  const again = groups.recorderOf({ place: 'us', isHome: false })
  again.paid(500, 4)
  again.refused('SOLD_OUT')
  expect(groups.all.figures(opening).steps.hold).toMatchObject({ count: 2, max: 100 })
  expect(groups.figures(opening)).toMatchObject([
    { place: 'us', isHome: true, figures: { ticketsPerSecond: 0, refusals: {} } },
    {
      place: 'us',
      isHome: false,
      figures: { ticketsPerSecond: 4, refusals: { SOLD_OUT: 1 }, steps: { hold: { max: 100 } } },
    },
  ])
})
