/**
 * Where each table belongs, read from the migrations' `*.crdb.sql`: what places a table on a new
 * database is what mends it on a running one, word for word.
 */
import { readSteps, type Step } from '../../../migrations/steps.ts'

export type Placement = {
  readonly table: string
  /** As `samePlace` compares it: `global`, `regional by row as region`. */
  readonly locality: string
  /** What places it: unlocking it where the migrations do, then the locality. */
  readonly statements: readonly string[]
}

/** In the order of the migrations; a later one wins. */
export async function readPlacements(): Promise<Placement[]> {
  return placementsIn(await readSteps())
}

const localityForm = /^alter table (\w+) set locality (.+)$/
const unlockForm = /^alter table (\w+) set \(schema_locked = false\)$/

/** @throws Error for a step that speaks of localities in a form that is not understood here */
export function placementsIn(steps: readonly Pick<Step, 'name' | 'sql' | 'cockroachOnly'>[]) {
  const placements = new Map<string, Placement>()
  const unlocks = new Map<string, string>()
  for (const { name, sql } of steps.filter(({ cockroachOnly }) => cockroachOnly)) {
    const [, unlocked] = unlockForm.exec(sql) ?? []
    if (unlocked !== undefined) unlocks.set(unlocked, sql)
    const [, table, locality] = localityForm.exec(sql) ?? []
    if (table === undefined || locality === undefined) {
      if (!/\blocality\b/i.test(sql)) continue
      throw new Error(`${name} places a table in a form that \`regions apply\` does not read`)
    }
    const unlock = unlocks.get(table)
    const statements = unlock === undefined ? [sql] : [unlock, sql]
    placements.set(table, { table, locality: placeOf(locality), statements })
  }
  return [...placements.values()]
}

/** One spelling for what `show tables` answers and what migrations say. */
export function placeOf(locality: string): string {
  const words = locality.toLowerCase().replaceAll('"', '').replaceAll(/\s+/g, ' ').trim()
  return words === 'regional by table' ? 'regional by table in primary region' : words
}
