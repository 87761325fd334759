/**
 * Rows as CockroachDB's documentation and logic tests show them, for the tests of `regions apply`:
 * a cluster of three regions that keeps what it is told, statement by statement.
 */
import { DatabaseError } from 'pg'
import { type Row, stateStatements } from '../../regions/command/apply/cluster-state.ts'
import type { Placement } from '../../regions/command/apply/placements.ts'
import type { ClusterState } from '../../regions/command/apply/plan.ts'

export const topologyRegions = ['us-east1', 'europe-west1', 'asia-southeast1'] as const

export function placedState(placements: readonly Placement[]): ClusterState {
  return {
    database: 'frontrow',
    clusterRegions: [...topologyRegions].toSorted(),
    regions: topologyRegions,
    primary: topologyRegions[0],
    survivalGoal: 'region',
    localities: new Map(placements.map(({ table, locality }) => [table, locality.toUpperCase()])),
    hasOwnRegionType: false,
  }
}

/** Every table where a database puts it by itself. */
export function movedState(placements: readonly Placement[]): ClusterState {
  const byItself = 'REGIONAL BY TABLE IN PRIMARY REGION'
  const localities = new Map(placements.map(({ table }) => [table, byItself]))
  return { ...placedState(placements), localities }
}

/** Answers `regions apply` from a state, and changes it as the statements say. */
export class RecordedCluster {
  readonly asked: string[] = []
  /** Thrown by the next statements that change something, one each; null lets one pass. */
  readonly refusals: (Error | null)[] = []
  #state: ClusterState

  constructor(state: ClusterState) {
    this.#state = state
  }

  readonly query = async (sql: string): Promise<readonly Row[]> => {
    this.asked.push(sql)
    const rows = this.#rows(sql)
    if (rows !== null) return rows
    const refusal = this.refusals.shift() ?? null
    if (refusal !== null) throw refusal
    this.#state = changed(this.#state, sql)
    return []
  }

  get changes(): readonly string[] {
    return this.asked.filter((sql) => sql.startsWith('alter'))
  }

  #rows(sql: string): Row[] | null {
    const { database, clusterRegions, regions, primary, survivalGoal, localities } = this.#state
    const zones = (region: string) => [`${region}-b`, `${region}-c`, `${region}-d`]
    switch (sql) {
      case stateStatements.database:
        return [{ name: database }]
      case stateStatements.clusterRegions:
        return clusterRegions.map((region) => ({ region, zones: zones(region) }))
      case stateStatements.regions:
        return regions.map((region) => ({
          database,
          region,
          primary: region === primary,
          secondary: false,
          zones: zones(region),
        }))
      case stateStatements.survivalGoal:
        return [{ database, survival_goal: survivalGoal }]
      case stateStatements.tables:
        return [...localities].map(([table, locality]) => ({
          schema_name: 'public',
          table_name: table,
          type: 'table',
          owner: 'root',
          estimated_row_count: '0',
          locality,
        }))
      case stateStatements.ownType:
        return this.#state.hasOwnRegionType ? [{ typname: 'crdb_internal_region' }] : []
      default:
        return null
    }
  }
}

function changed(state: ClusterState, sql: string): ClusterState {
  const [, primary] = / primary region "(.+)"$/.exec(sql) ?? []
  if (primary !== undefined) {
    const regions = [...new Set([...state.regions, primary])]
    return { ...state, regions, primary, survivalGoal: state.survivalGoal ?? 'zone' }
  }
  const [, added] = / add region if not exists "(.+)"$/.exec(sql) ?? []
  if (added !== undefined) return { ...state, regions: [...state.regions, added] }
  const [, goal] = / survive (\w+) failure$/.exec(sql) ?? []
  if (goal !== undefined) return { ...state, survivalGoal: goal }
  const [, table, locality] = /^alter table (\w+) set locality (.+)$/.exec(sql) ?? []
  if (table === undefined || locality === undefined) return state
  return { ...state, localities: new Map(state.localities).set(table, locality.toUpperCase()) }
}

/** As pg makes it of the database's answer. */
export function databaseError(code: string, message: string): DatabaseError {
  return Object.assign(new DatabaseError(message, message.length, 'error'), { code })
}
