/**
 * "Sometimes" checks: rare states that drills hope to reach. None has to be reached in one run; a
 * state that no run ever reaches shows that something is not tried at all.
 * https://antithesis.com/docs/best_practices/sometimes_assertions/
 */
import type { Evidence } from './auditor/read-evidence.ts'
import type { VersionRecord } from './evidence/evidence.ts'
import type { Entry } from './history/entry.ts'
import type { Sometimes } from './report/report.ts'

type InHistory = (entry: Entry) => boolean
type InVersions = (record: VersionRecord) => boolean

/** Also where the caller can't know what became of its write: what is passing is told so. */
const tells =
  (code: string, op?: Entry['op']): InHistory =>
  (entry) =>
    (entry.type === 'fail' || entry.type === 'unknown') &&
    entry.code === code &&
    (op === undefined || entry.op === op)

const inHistory: Readonly<Record<string, InHistory>> = {
  'a write ended without an answer': ({ type }) => type === 'unknown',
  'an answer said that it was older than what was seen': (entry) =>
    entry.type === 'ok' && entry.isOlder === true,
  'a hold was got back by its token': ({ type, op }) => type === 'ok' && op === 'hold.reclaim',
  'SQL refused places that the hold book had given': tells('SEATS_TAKEN', 'checkout.start'),
  'an old epoch was refused': tells('OLD_EPOCH'),
  'nobody had the authority': tells('NO_AUTHORITY'),
  'a caller was told where authority had moved': tells('AUTHORITY_MOVED'),
  'too many writers met': tells('CONTENTION'),
  'an outcome stayed unknown to the server': tells('OUTCOME_UNKNOWN'),
  'payments were not to be had': tells('PAYMENT_UNAVAILABLE'),
  'holds were not to be had': tells('UNAVAILABLE', 'hold.place'),
  'a key was used for another wish': tells('KEY_REUSED'),
  'a card was declined': tells('CARD_DECLINED'),
}

const inVersions: Readonly<Record<string, InVersions>> = {
  'authority moved': ({ table, before }) => table === 'authority' && before !== null,
  'an order ended because its seats were gone': isVoided('seats-gone'),
  'late money was let go for the limit per buyer': isVoided('over-limit'),
  'an order ended because its time was over': isVoided('expired'),
  'late money took its seats': (record) => isLate(record),
  'a reservation that had run out was taken by another order': isTakenOver,
}

export function rareStates(
  { history, versions, ledger }: Pick<Evidence, 'history' | 'versions' | 'ledger'>,
  told: ReadonlyMap<string, number>,
): Sometimes[] {
  const counts = new Map<string, number>()
  count(counts, history, inHistory)
  count(counts, versions, inVersions)
  counts.set('one order was written by two regions', ordersOfTwoRegions(versions))
  counts.set(
    'money was let go again',
    ledger.filter(({ authorized, captured }) => authorized > captured).length,
  )
  for (const [name, times] of told) counts.set(name, (counts.get(name) ?? 0) + times)
  return [...counts].map(([name, times]) => ({ name, times }))
}

function count<Item>(
  counts: Map<string, number>,
  items: readonly Item[],
  checks: Readonly<Record<string, (item: Item) => boolean>>,
): void {
  const all = Object.entries(checks)
  for (const [name] of all) counts.set(name, 0)
  for (const item of items) {
    for (const [name, isSo] of all) if (isSo(item)) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
}

function isVoided(reason: string): InVersions {
  return ({ table, before, after }) =>
    table === 'orders' &&
    before?.['state'] === 'pending' &&
    after?.['state'] === 'void' &&
    after['void_reason'] === reason
}

function isLate({ table, before, after }: VersionRecord): boolean {
  if (table !== 'orders' || before?.['state'] !== 'pending' || after?.['state'] !== 'paid') {
    return false
  }
  return Number(after['paid_at']) > Number(after['expires_at'])
}

function isTakenOver({ table, before, after }: VersionRecord): boolean {
  return (
    table === 'claims' &&
    before?.['state'] === 'reserved' &&
    after?.['state'] === 'reserved' &&
    before['order_id'] !== after['order_id']
  )
}

function ordersOfTwoRegions(versions: readonly VersionRecord[]): number {
  const writers = new Map<string, string>()
  const two = new Set<string>()
  for (const { table, writer, after } of versions) {
    if (table !== 'orders' || after === null || writer === 'drill') continue
    const id = String(after['id'])
    const first = writers.get(id)
    if (first === undefined) writers.set(id, writer)
    else if (first !== writer) two.add(id)
  }
  return two.size
}
