/**
 * What the forged runs share: a clean run, and the means to lie about it in one place. The verdict
 * of each lie must name the invariant that it breaks, and no other that it does not touch.
 */
import type { Row, VersionRecord } from '../../evidence/evidence.ts'
import type { Entry, Operation } from '../../history/entry.ts'
import { audit } from '../audit.ts'
import { cleanEvidence } from '../clean/clean-evidence.ts'
import type { Evidence } from '../read-evidence.ts'
import type { Finding, Verdict } from '../verdict.ts'

/** As the auditor takes it, but open to whoever lies. */
export type Lie = {
  -readonly [Key in Exclude<keyof Evidence, 'rows'>]: Evidence[Key] extends readonly (infer Value)[]
    ? Value[]
    : Evidence[Key]
} & { rows: Record<string, Row[]> }

export const clean = cleanEvidence({ seed: 7, operations: 4_000 })
const startedAt = clean.run.startedAt
/** Before the region was lost, so that nothing excuses a hold. */
const calmUntil = (clean.faults.find(({ kind }) => kind === 'region.lost')?.at ?? 0) - 2_100

export function judged(change: (lie: Lie) => void): Verdict {
  const lie = { ...clean, rows: { ...clean.rows } } as unknown as Lie
  for (const name of ['history', 'faults', 'versions', 'ledger', 'availability'] as const) {
    lie[name] = [...clean[name]] as never
  }
  for (const [table, rows] of Object.entries(clean.rows)) lie.rows[table] = [...rows]
  change(lie)
  return audit(lie as unknown as Evidence)
}

export function broken(change: (lie: Lie) => void): string[] {
  return judged(change)
    .findings.filter((finding) => finding.broken > 0)
    .map(({ id }) => id)
}

/** What is said of one invariant, where several of its checks or other invariants see the lie. */
export function told(id: string, change: (lie: Lie) => void): string {
  return findingOf(judged(change), id)
    .violations.map(({ said }) => said)
    .join('\n')
}

export function findingOf(verdict: Verdict, id: string): Finding {
  const found = verdict.findings.find((finding) => finding.id === id)
  if (found === undefined) throw new Error(`there is no ${id}`)
  return found
}

/** Puts another value into the place of the first that fits, whatever else points to the old one. */
export function replace<Value>(
  values: Value[],
  fits: (value: Value) => boolean,
  change: (value: Value) => Value,
): Value {
  const place = values.findIndex(fits)
  const value = values[place]
  if (value === undefined) throw new Error('the clean run has nothing of this kind')
  values[place] = change(value)
  return value
}

export function first<Value>(values: readonly Value[], fits: (value: Value) => boolean): Value {
  const value = values.find(fits)
  if (value === undefined) throw new Error('the clean run has nothing of this kind')
  return value
}

export const isOk = <Name extends Operation>(
  entry: Entry,
  op: Name,
): entry is Extract<Entry, { type: 'ok'; op: Name }> => entry.type === 'ok' && entry.op === op
export const isCalm = ({ at }: { readonly at: number }) => at < calmUntil
export const paidOrder = () => first(clean.rows.orders, ({ state }) => state === 'paid')
export const heldBy = (hold: unknown) =>
  first(clean.history, (entry) => isOk(entry, 'hold.place') && entry.result.hold === hold)

/** One more call, answered at once. */
export function call(
  lie: Lie,
  at: number,
  said: { op: Operation; args: object; end: object },
): void {
  const { op, args, end } = said
  const who = { process: 'liar.1', actor: 'liar', region: 'us-east1', op }
  const seq = lie.history.length + 1_000_000
  lie.history.push({ seq, at, ...who, type: 'invoke', args } as unknown as Entry)
  lie.history.push({ seq: seq + 1, at: at + 1, ...who, of: seq, ...end } as unknown as Entry)
}

export function addVersion(lie: Lie, like: VersionRecord, change: Partial<VersionRecord>): void {
  const at = lie.versions.at(-1)?.at ?? startedAt
  lie.versions.push({ ...like, seq: lie.versions.length + 1, at, transaction: 'lie', ...change })
}

export const isPaying = ({ table, after }: VersionRecord) =>
  table === 'orders' && after?.['state'] === 'paid'
