/** Running the plan: once, again, over a busy database, and on builds that know no regions. */
import { describe, expect, it } from 'vitest'
import {
  databaseError,
  movedState,
  placedState,
  RecordedCluster,
  topologyRegions,
} from '../../../test/support/recorded-cluster.ts'
import { type ApplyOptions, applyTopology } from './apply.ts'
import { readPlacements } from './placements.ts'
import { planApply } from './plan.ts'

const placements = await readPlacements()
const wanted = { regions: topologyRegions, placements }
const young = { ...movedState(placements), regions: [], primary: null, survivalGoal: null }

function applying(cluster: RecordedCluster, changes: Partial<ApplyOptions> = {}) {
  const said: string[] = []
  let waitedMs = 0
  const wait = async (ms: number) => void (waitedMs += ms)
  const run = () =>
    applyTopology({
      query: cluster.query,
      wanted,
      dryRun: false,
      clock: { wait },
      say: (line) => said.push(line),
      ...changes,
    })
  return { run, said, waitedMs: () => waitedMs }
}

describe('regions apply', () => {
  it('runs the plan statement by statement, says each, and finds nothing left', async () => {
    const cluster = new RecordedCluster(young)
    const { run, said } = applying(cluster)
    const planned = planApply(wanted, young).statements
    expect(planned.length).toBeGreaterThan(40)
    expect(await run()).toEqual({ database: 'frontrow', statements: planned, notes: [] })
    expect(cluster.changes).toEqual(planned)
    expect(said).toEqual(planned)
    expect((await run()).statements).toEqual([])
    expect(cluster.changes).toEqual(planned)
  })

  it('changes nothing in a dry run', async () => {
    const cluster = new RecordedCluster(young)
    const { statements } = await applying(cluster, { dryRun: true }).run()
    expect(statements).toEqual(planApply(wanted, young).statements)
    expect(cluster.changes).toEqual([])
  })

  it.each(['55000', '40001', '40003'])('waits and looks again after %s', async (code) => {
    const cluster = new RecordedCluster(young)
    cluster.refusals.push(null, null, databaseError(code, 'busy'), databaseError(code, 'busy'))
    const { run, waitedMs } = applying(cluster)
    const { statements } = await run()
    expect(statements).toEqual(planApply(wanted, young).statements)
    expect(waitedMs()).toBe(10_000)
  })

  it('unlocks a table again whose locality had to wait', async () => {
    const cluster = new RecordedCluster(movedState(placements))
    cluster.refusals.push(null, databaseError('55000', 'busy'))
    await applying(cluster).run()
    const [unlock, place] = placements[0]?.statements ?? []
    expect(cluster.changes.slice(0, 4)).toEqual([unlock, place, unlock, place])
  })

  it('gives up on a database that stays busy', async () => {
    const cluster = new RecordedCluster(young)
    cluster.refusals.push(...Array.from({ length: 60 }, () => databaseError('55000', 'busy')))
    await expect(applying(cluster).run()).rejects.toThrow(/^The database is still busy/)
  })

  it('notices what was taken and not done', async () => {
    const cluster = new RecordedCluster(young)
    const query = async (sql: string) => (sql.includes('survive') ? [] : await cluster.query(sql))
    await expect(applying(cluster, { query }).run()).rejects.toThrow(
      'The database took this and is as before: alter database "frontrow" survive region failure',
    )
  })

  it.each([
    ['XXC01', /^This CockroachDB is a build without multi-region SQL/],
    ['XXC02', /^This CockroachDB needs a licence/],
    [
      '42501',
      /^The database refused "alter database "frontrow" primary region "us-east1"": no, not you\.$/,
    ],
  ])('says in a sentence what %s means', async (code, message) => {
    const cluster = new RecordedCluster(young)
    cluster.refusals.push(databaseError(code, 'no, not you'))
    await expect(applying(cluster).run()).rejects.toThrow(message)
  })

  it.each(['42601', '0A000', '42P01'])('knows a build without regions by %s', async (code) => {
    const cluster = new RecordedCluster(placedState(placements))
    const query = async (sql: string) => {
      if (sql.startsWith('show regions')) throw databaseError(code, 'at or near "regions"')
      return cluster.query(sql)
    }
    await expect(applying(cluster, { query }).run()).rejects.toThrow(
      /build without multi-region SQL/,
    )
  })
})
