/** What lies between a database and its topology, from rows as CockroachDB answers them. */
import { describe, expect, it } from 'vitest'
import { readSteps } from '../../../migrations/steps.ts'
import { movedState, placedState, topologyRegions } from '../../../test/support/recorded-cluster.ts'
import { type Placement, placementsIn, readPlacements } from './placements.ts'
import { type ClusterState, planApply, type Wanted } from './plan.ts'

const placements = await readPlacements()
const [first, second, third] = topologyRegions
const wanted: Wanted = { regions: topologyRegions, placements }
const plan = (state: ClusterState, changes: Partial<Wanted> = {}) =>
  planApply({ ...wanted, ...changes }, state)
const young: ClusterState = {
  ...placedState(placements),
  regions: [],
  primary: null,
  survivalGoal: null,
  localities: new Map(),
}

describe('the plan', () => {
  it('gives a new database its regions, the goal, and says who makes the tables', async () => {
    const { statements, notes } = plan(young)
    await expect(`${statements.join(';\n')};\n`).toMatchFileSnapshot('new-database.golden.sql')
    expect(notes).toEqual([
      'The database has no tables yet: `npm run migrate` makes and places them.',
    ])
  })

  it('places every table that the migrations place, in their order', async () => {
    const { statements } = plan(movedState(placements))
    await expect(`${statements.join(';\n')};\n`).toMatchFileSnapshot('all-tables.golden.sql')
  })

  it('is empty where all is as the topology says', () => {
    expect(plan(placedState(placements))).toEqual({ statements: [], notes: [] })
  })

  it('adds only what is missing', () => {
    const state = placedState(placements)
    const localities = new Map(state.localities).set(
      'claims',
      'REGIONAL BY TABLE IN PRIMARY REGION',
    )
    const { statements } = plan({
      ...state,
      regions: [first, second],
      survivalGoal: 'zone',
      localities,
    })
    expect(statements).toEqual([
      `alter database "frontrow" add region if not exists "${third}"`,
      'alter database "frontrow" survive region failure',
      'alter table claims set (schema_locked = false)',
      'alter table claims set locality regional by row as region',
    ])
  })

  it('moves the primary region once the new one is there', () => {
    const state = {
      ...placedState(placements),
      regions: [second, third],
      primary: second,
      survivalGoal: 'zone',
    }
    expect(plan(state).statements).toEqual([
      `alter database "frontrow" add region if not exists "${first}"`,
      `alter database "frontrow" primary region "${first}"`,
      'alter database "frontrow" survive region failure',
    ])
  })

  it('survives a zone with fewer than three regions, and says why', () => {
    const { statements, notes } = plan(young, { regions: [first, second] })
    expect(statements.at(-1)).toBe('alter database "frontrow" survive zone failure')
    expect(notes[0]).toMatch(/with fewer than three regions, no majority is left/)
  })

  it('drops nothing, and says how to', () => {
    const state = placedState(placements)
    const four = [...state.regions, 'us-west1']
    const more = { ...state, regions: four, clusterRegions: four }
    expect(plan(more)).toEqual({
      statements: [],
      notes: [
        'The database has the region us-west1, which the topology does not name, and nothing is dropped here. ' +
          'When no event, order or person lives there any more: alter database "frontrow" drop region "us-west1"',
      ],
    })
    const { statements, notes } = plan(state, { regions: [first, second] })
    expect(statements).toEqual([])
    expect(notes[0]).toContain(
      `alter database "frontrow" survive zone failure; alter database "frontrow" drop region "${third}"`,
    )
  })

  it('names the tables that the database lacks', () => {
    const state = placedState(placements)
    const localities = new Map(state.localities)
    localities.delete('holds')
    localities.delete('tickets')
    expect(plan({ ...state, localities })).toEqual({
      statements: [],
      notes: ['The database lacks holds, tickets: `npm run migrate` makes and places them.'],
    })
  })

  it('quotes the name of the database', () => {
    const [statement] = plan({ ...young, database: 'front"row' }).statements
    expect(statement).toBe(`alter database "front""row" primary region "${first}"`)
  })

  it.each<[string, Partial<ClusterState>, RegExp]>([
    [
      'regions without a node',
      { clusterRegions: [first] },
      /^No node of the cluster is in europe-west1, asia-southeast1: start .*region=europe-west1 first\. The cluster has us-east1\.$/,
    ],
    [
      'nodes without a locality',
      { clusterRegions: [] },
      /The cluster has no regions: its nodes have no locality\.$/,
    ],
    [
      'a database that was migrated before',
      { hasOwnRegionType: true },
      /^This database was migrated before it had regions/,
    ],
  ])('refuses %s', (_, changes, message) => {
    expect(() => plan({ ...young, ...changes })).toThrow(message)
  })
})

describe('placements', () => {
  const step = (name: string, sql: string) => ({ name, sql, cockroachOnly: true })

  it('are one for each table of the migrations but those of the runner', async () => {
    const made = (await readSteps()).flatMap(
      ({ sql }) => /create table (?:if not exists )?(\w+)/.exec(sql)?.[1] ?? [],
    )
    expect(placements.map(({ table }) => table).toSorted()).toEqual(made.toSorted())
  })

  it('are unlocked as the migrations do it, and the last word counts', () => {
    const steps = [
      step('1', 'alter table a set (schema_locked = false)'),
      step('2', 'alter table a set locality global'),
      step('3', 'alter table b set locality GLOBAL'),
      step('4', 'alter table a set locality regional by row as "region"'),
      { ...step('5', 'alter table c set locality nowhere'), cockroachOnly: false },
    ]
    expect(placementsIn(steps)).toEqual<Placement[]>([
      {
        table: 'a',
        locality: 'regional by row as region',
        statements: [
          'alter table a set (schema_locked = false)',
          'alter table a set locality regional by row as "region"',
        ],
      },
      { table: 'b', locality: 'global', statements: ['alter table b set locality GLOBAL'] },
    ])
  })

  it('refuse a form that would be passed over', () => {
    const create = step('0009-x/010-a.crdb.sql', 'create table a (id uuid) locality global')
    expect(() => placementsIn([create])).toThrow(/^0009-x\/010-a.crdb.sql places a table in a form/)
    expect(
      placementsIn([step('x', 'alter table a configure zone using gc.ttlseconds = 600')]),
    ).toEqual([])
  })
})
