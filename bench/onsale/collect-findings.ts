/**
 * After the sale: waits until the system owes nothing more, then asks everybody who knows
 * something. The waiting is for a condition, and ends when nothing moves any more.
 */
import { setTimeout as wait } from 'node:timers/promises'
import pLimit from 'p-limit'
import pg from 'pg'
import type { Client } from '../../client/index.ts'
import { askFans } from './ask-fans.ts'
import { countOwed, readEventRows } from './event-rows.ts'
import type { SaleEvent, Story } from './fan.ts'
import type { Findings } from './findings.ts'
import type { Progress } from './progress.ts'
import { readLedger } from './simulator-calls.ts'

/** A worker's lease and its longest back-off are shorter: after this nothing will move. */
const standstillMs = 120_000
const lookEveryMs = 500
const ordersAtOnce = 12

export type Sale = {
  readonly event: SaleEvent
  readonly stories: readonly Story[]
  readonly clientOf: (fan: number) => Client
  readonly databaseUrl: string | null
  readonly simulatorUrl: string | null
  readonly noticed: readonly string[]
  readonly progress: Progress
}

export async function collectFindings(sale: Sale): Promise<Findings> {
  const { databaseUrl, simulatorUrl, event, stories, clientOf, noticed, progress } = sale
  const db = databaseUrl === null ? null : await openReadOnly(databaseUrl)
  try {
    progress.note('waiting until all money is captured and nothing is owed')
    const unsettled = await untilSettled(
      db === null ? capturedByApi(sale) : () => countOwed(db, event),
    )
    const asked = progress.stage('asking the fans', stories.length)
    const fans = await askFans({ stories, clientOf, onFan: asked.advance }).finally(asked.end)
    const ledger = simulatorUrl === null ? null : await readLedger(simulatorUrl)
    const named = (ledger ?? []).flatMap(({ order }) => (order === null ? [] : [order]))
    const database = db === null ? null : await readEventRows(db, event, named)
    return { fans, database, ledger, unsettled, noticed }
  } finally {
    await db?.end()
  }
}

async function openReadOnly(connectionString: string): Promise<pg.Client> {
  const db = new pg.Client({ connectionString, application_name: 'frontrow-onsale' })
  await db.connect()
  await db.query('set default_transaction_read_only = on')
  return db
}

/** @returns what is still owed when nothing has moved for long; 0 when all is done */
async function untilSettled(countOwedNow: () => Promise<number>): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  let movedAtMs = performance.now()
  for (;;) {
    const owed = await countOwedNow()
    if (owed === 0) return 0
    if (owed < least) movedAtMs = performance.now()
    least = Math.min(least, owed)
    if (performance.now() - movedAtMs > standstillMs) return owed
    await wait(lookEveryMs)
  }
}

/** Without the database: each paid order says itself when its money is captured. */
function capturedByApi({ stories, clientOf }: Sale): () => Promise<number> {
  let open = stories.flatMap(({ fan, acknowledged }) =>
    acknowledged === null ? [] : [{ fan, order: acknowledged.id }],
  )
  return async () => {
    const atOnce = pLimit(ordersAtOnce)
    const states = await atOnce.map(open, async ({ fan, order }) => {
      const { payment } = await clientOf(fan).checkout.status.query({ order })
      return payment?.state ?? 'captured'
    })
    open = open.filter((_, index) => states[index] !== 'captured')
    return open.length
  }
}
