/** What a CockroachDB says of its regions, goals and tables, by the statements that all versions have. */
import { CommandError } from '../command-error.ts'
import type { ClusterState } from './plan.ts'

export type Row = Readonly<Record<string, unknown>>
export type Query = (sql: string) => Promise<readonly Row[]>

export const stateStatements = {
  database: 'select current_database() as name',
  clusterRegions: 'show regions from cluster',
  regions: 'show regions from database',
  survivalGoal: 'show survival goal from database',
  tables: 'show tables from public',
  ownType: "select typname from pg_catalog.pg_type where typname = 'crdb_internal_region'",
} as const

/** @throws CommandError when this build knows no regions */
export async function readClusterState(query: Query): Promise<ClusterState> {
  const { clusterRegions, regions } = await readRegions(query)
  const [database] = await query(stateStatements.database)
  const tables = await query(stateStatements.tables)
  const hasRegions = regions.length > 0
  const [goal] = hasRegions ? await query(stateStatements.survivalGoal) : []
  const ownType = hasRegions ? [] : await query(stateStatements.ownType)
  return {
    database: text(database?.['name']) ?? '',
    clusterRegions: clusterRegions.flatMap(({ region }) => text(region) ?? []),
    regions: regions.flatMap(({ region }) => text(region) ?? []),
    primary: text(regions.find(({ primary }) => primary === true)?.['region']),
    survivalGoal: text(goal?.['survival_goal']),
    localities: new Map(
      tables
        .filter(({ type }) => type === 'table')
        .map(({ table_name: name, locality }) => [String(name), text(locality)]),
    ),
    hasOwnRegionType: ownType.length > 0,
  }
}

async function readRegions(query: Query) {
  try {
    const clusterRegions = await query(stateStatements.clusterRegions)
    return { clusterRegions, regions: await query(stateStatements.regions) }
  } catch (cause) {
    if (!isUnknownStatement(cause)) throw cause
    throw noRegions(cause)
  }
}

/** 42601: syntax; 0A000: not supported; 42P01: the virtual table behind it is not there. */
function isUnknownStatement(cause: unknown): boolean {
  return ['42601', '0A000', '42P01'].includes(String((cause as { code?: unknown }).code))
}

export function noRegions(cause: unknown): CommandError {
  const sentence =
    'This CockroachDB is a build without multi-region SQL: there is nothing to apply, and tables ' +
    'stay where they are.'
  return new CommandError(sentence, { cause })
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
