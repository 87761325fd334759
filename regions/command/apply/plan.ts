/**
 * From what a database is to what the topology says: the statements that lie between, in a stable
 * order. Decides only, asks nobody. Adds and places; never drops a region, since what lives there
 * is somebody's.
 */
import { CommandError } from '../command-error.ts'
import { type Placement, placeOf } from './placements.ts'

export type ClusterState = {
  readonly database: string
  /** Regions in which a node of the cluster lives. */
  readonly clusterRegions: readonly string[]
  readonly regions: readonly string[]
  readonly primary: string | null
  readonly survivalGoal: string | null
  /** What the database says of each of its tables; null before it has regions. */
  readonly localities: ReadonlyMap<string, string | null>
  /** It has a type crdb_internal_region of our own making: migrated before it had regions. */
  readonly hasOwnRegionType: boolean
}

export type Wanted = {
  /** The topology's names in its order: the first is the primary region. */
  readonly regions: readonly string[]
  readonly placements: readonly Placement[]
}

export type Plan = { readonly statements: readonly string[]; readonly notes: readonly string[] }

/** A majority must be left when one region is gone: with two regions there is none. */
const regionsToSurviveOne = 3

/** @throws CommandError when statements alone cannot lead there */
export function planApply(wanted: Wanted, state: ClusterState): Plan {
  refuseWhatCannotBe(wanted, state)
  const goal = survivalGoal(wanted, state)
  const missing = wanted.placements.filter(({ table }) => !state.localities.has(table))
  return {
    statements: [
      ...regionStatements(wanted, state),
      ...(state.survivalGoal === goal ? [] : [`${alter(state)} survive ${goal} failure`]),
      ...placeStatements(wanted, state),
    ],
    notes: [
      ...(goal === 'zone' ? [whyZone] : []),
      ...strangers(wanted, state).map((name) => droppingNote(name, wanted, state)),
      ...(missing.length === 0 ? [] : [missingNote(missing, wanted)]),
    ],
  }
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`
const alter = ({ database }: ClusterState) => `alter database ${quoted(database)}`

function refuseWhatCannotBe({ regions }: Wanted, state: ClusterState): void {
  if (state.hasOwnRegionType && state.regions.length === 0) {
    throw new CommandError(
      'This database was migrated before it had regions, and its own type crdb_internal_region ' +
        'stands where CockroachDB needs one: apply the topology to a new, empty database, run ' +
        '`npm run migrate` there, and copy the rows.',
    )
  }
  const absent = regions.filter((name) => !state.clusterRegions.includes(name))
  if (absent.length > 0) {
    throw new CommandError(
      `No node of the cluster is in ${absent.join(', ')}: start nodes there with ` +
        `--locality=region=${absent[0]} first. The cluster has ${listed(state.clusterRegions)}.`,
    )
  }
}

/** A database gets its primary region first; one that has another moves when the new one is there. */
function regionStatements({ regions }: Wanted, state: ClusterState): string[] {
  const [first = ''] = regions
  const makePrimary = `${alter(state)} primary region ${quoted(first)}`
  const begin = state.primary === null ? [makePrimary] : []
  const known = state.primary === null ? [...state.regions, first] : state.regions
  const add = regions
    .filter((name) => !known.includes(name))
    .map((name) => `${alter(state)} add region if not exists ${quoted(name)}`)
  const move = state.primary === null || state.primary === first ? [] : [makePrimary]
  return [...begin, ...add, ...move]
}

/** Counts what the database will have: a region that is to go still holds a vote until it is gone. */
function survivalGoal(wanted: Wanted, state: ClusterState): 'region' | 'zone' {
  const all = new Set([...wanted.regions, ...state.regions])
  return all.size >= regionsToSurviveOne ? 'region' : 'zone'
}

function placeStatements({ placements }: Wanted, { localities }: ClusterState): string[] {
  return placements
    .filter(({ table, locality }) => {
      const actual = localities.get(table)
      return actual !== undefined && (actual === null || placeOf(actual) !== locality)
    })
    .flatMap(({ statements }) => statements)
}

function strangers({ regions }: Wanted, state: ClusterState): string[] {
  return state.regions.filter((name) => !regions.includes(name))
}

const whyZone =
  'The goal is to survive the loss of a zone: with fewer than three regions, no majority is left ' +
  'when one is lost.'

function droppingNote(name: string, wanted: Wanted, state: ClusterState): string {
  const drop = `${alter(state)} drop region ${quoted(name)}`
  const steps =
    wanted.regions.length < regionsToSurviveOne
      ? `${alter(state)} survive zone failure; ${drop}`
      : drop
  return (
    `The database has the region ${name}, which the topology does not name, and nothing is dropped ` +
    `here. When no event, order or person lives there any more: ${steps}`
  )
}

function missingNote(missing: readonly Placement[], { placements }: Wanted): string {
  const which =
    missing.length === placements.length
      ? 'The database has no tables yet'
      : `The database lacks ${missing.map(({ table }) => table).join(', ')}`
  return `${which}: \`npm run migrate\` makes and places them.`
}

function listed(names: readonly string[]): string {
  return names.length === 0 ? 'no regions: its nodes have no locality' : names.join(', ')
}
