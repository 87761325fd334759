/** All heads that regions have witnessed of one another's audit chains, judged by their signatures. */
import type { SignatureFinding, SignedHead } from '../domain/audit-witness.ts'
import { listWitnessed } from '../stores/audit-witnesses.ts'
import type { Database } from '../stores/database.ts'

const headsAtOnce = 500

export type WitnessedHeads = {
  /** What chains must still contain. */
  readonly heads: readonly SignedHead[]
  /** How many of them have a signature of a key that is not known here. */
  readonly unknown: number
  /** Written by somebody else than the witness that they name: they say nothing. */
  readonly forged: readonly SignedHead[]
}

export async function readWitnessed(
  db: Database,
  witnesses: readonly string[],
  findingOf: (head: SignedHead) => SignatureFinding,
): Promise<WitnessedHeads> {
  const heads: SignedHead[] = []
  const forged: SignedHead[] = []
  let unknown = 0
  for (const witness of witnesses) {
    for await (const head of witnessedBy(db, witness)) {
      const finding = findingOf(head)
      if (finding === 'unknown') unknown += 1
      ;(finding === 'forged' ? forged : heads).push(head)
    }
  }
  return { heads, unknown, forged }
}

async function* witnessedBy(db: Database, witness: string): AsyncGenerator<SignedHead> {
  let after = { region: '', chain: '' }
  for (;;) {
    const page = await listWitnessed(db, { witness, after, limit: headsAtOnce })
    yield* page
    const last = page.at(-1)
    if (last === undefined || page.length < headsAtOnce) return
    after = { region: last.region, chain: last.chain }
  }
}
