/** Every statement that `regions apply` may send, against CockroachDB's grammar. */
import { expect, it } from 'vitest'
import { stateStatements } from '../../regions/command/apply/cluster-state.ts'
import { readPlacements } from '../../regions/command/apply/placements.ts'
import { planApply } from '../../regions/command/apply/plan.ts'
import { movedState, topologyRegions } from '../support/recorded-cluster.ts'
import { describeUnless } from '../support/skip.ts'
import { whyNoChecker } from './build.ts'
import { checkStatements, describeViolation, type Statement } from './check.ts'
import { migrationStatements } from './collect.ts'

const missing = await whyNoChecker()

const cockroach = (sql: string): Statement => ({
  name: null,
  sql,
  source: 'regions apply',
  dialect: 'cockroach',
})

async function statements(): Promise<string[]> {
  const placements = await readPlacements()
  const state = movedState(placements)
  const regions = topologyRegions
  const plans = [
    planApply(
      { regions, placements },
      { ...state, regions: [], primary: null, survivalGoal: null },
    ),
    planApply(
      { regions: regions.slice(0, 2), placements: [] },
      {
        ...state,
        regions: regions.slice(1, 2),
        primary: regions[1],
        survivalGoal: 'region',
        database: 'front"row',
      },
    ),
  ]
  const drops = planApply({ regions: regions.slice(0, 1), placements }, state).notes.flatMap(
    (note) =>
      (note.split('lives there any more: ')[1] ?? '').split('; ').filter((sql) => sql !== ''),
  )
  return [...Object.values(stateStatements), ...plans.flatMap((plan) => plan.statements), ...drops]
}

describeUnless(missing, 'regions apply', () => {
  it('sends and advises nothing that CockroachDB cannot read', async () => {
    const sent = await statements()
    expect(sent.filter((sql) => sql.includes('drop region'))).toHaveLength(2)
    const all = [...(await migrationStatements()), ...sent.map(cockroach)]
    const found = (await checkStatements(all)).filter(({ source }) => source === 'regions apply')
    expect(found.map(describeViolation)).toEqual([])
  })

  it('is held to it', async () => {
    const found = await checkStatements([cockroach('alter database d add regions "us-east1"')])
    expect(found.filter(({ level }) => level === 'error').map(({ rule }) => rule)).toEqual([
      'syntax',
    ])
  })
})
