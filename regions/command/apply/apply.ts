/**
 * Brings a database in line with the topology: reads, plans, runs statement by statement, and reads
 * again until nothing is left. Whatever stops it, running it once more goes on from there.
 */
import { DatabaseError } from 'pg'
import type { Clock } from '../../../server/platform/clock.ts'
import { CommandError } from '../command-error.ts'
import { noRegions, type Query, readClusterState } from './cluster-state.ts'
import { type Plan, planApply, type Wanted } from './plan.ts'

export type ApplyOptions = {
  readonly query: Query
  readonly wanted: Wanted
  readonly dryRun: boolean
  readonly clock: Pick<Clock, 'wait'>
  /** Hears each statement before it runs, and why it waits. */
  readonly say: (line: string) => void
}

export type Applied = {
  readonly database: string
  /** What was run; in a dry run what would be. */
  readonly statements: readonly string[]
  readonly notes: readonly string[]
}

/** A change of regions or localities that is under way ends within minutes on a young database. */
const attemptsMax = 60
const busyWaitMs = 5_000

/** 55000: a region or a locality is being changed; 40001, 40003: begin again, look what was done. */
const busyCodes = new Set(['55000', '40001', '40003'])

/** @throws CommandError */
export async function applyTopology(options: ApplyOptions): Promise<Applied> {
  const ran: string[] = []
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const state = await readClusterState(options.query)
    const plan = planApply(options.wanted, state)
    if (options.dryRun) return { database: state.database, ...plan }
    if (plan.statements.length === 0) {
      return { database: state.database, statements: ran, notes: plan.notes }
    }
    refuseRepetition(plan, ran)
    const isBusy = await runAll(plan, options, ran)
    if (!isBusy) continue
    options.say('The database is busy with another change of regions; trying again.')
    await options.clock.wait(busyWaitMs)
  }
  throw new CommandError('The database is still busy with another change: run this again later.')
}

/** @returns true when the database was busy with another change before all had run */
async function runAll(plan: Plan, { query, say }: ApplyOptions, ran: string[]): Promise<boolean> {
  for (const statement of plan.statements) {
    say(statement)
    try {
      await query(statement)
    } catch (cause) {
      if (busyCodes.has(codeOf(cause))) return true
      throw explained(cause, statement)
    }
    ran.push(statement)
  }
  return false
}

/**
 * What ran without an error and is still to be done will not be done by running it again. Unlocking
 * a table leaves no trace in the plan, and is repeated when its locality had to wait.
 */
function refuseRepetition({ statements }: Plan, ran: readonly string[]): void {
  const again = statements.find((one) => ran.includes(one) && !/schema_locked/.test(one))
  if (again === undefined) return
  throw new CommandError(`The database took this and is as before: ${again}`)
}

function explained(cause: unknown, statement: string): Error {
  const code = codeOf(cause)
  if (code === 'XXC01') return noRegions(cause)
  if (code === 'XXC02') {
    return new CommandError('This CockroachDB needs a licence before it takes regions.', { cause })
  }
  if (!(cause instanceof DatabaseError)) return cause as Error
  return new CommandError(`The database refused "${statement}": ${cause.message}.`, { cause })
}

function codeOf(cause: unknown): string {
  return String((cause as { code?: unknown } | null)?.code)
}
