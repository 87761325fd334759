/** Whether the database answers at all: for readiness, not for decisions. */
import type { Database } from './database.ts'
import { runRead, type Statement } from './statement.ts'

const statement: Statement = { name: 'database.answers', text: 'select 1::int4 as alive' }

/** False when there was no answer within `withinMs`. A slow answer is an answer. */
export async function isAnswering(db: Database, withinMs: number): Promise<boolean> {
  const late = new AbortController()
  try {
    return await Promise.race([
      runRead(db, statement, []).then(
        () => true,
        () => false,
      ),
      db.clock.wait(withinMs, late.signal).then(() => false),
    ])
  } finally {
    late.abort()
  }
}
