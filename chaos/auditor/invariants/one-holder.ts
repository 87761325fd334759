/** I11: one authority a home region and epoch, and nobody else writes its sales. */
import type { VersionRecord } from '../../evidence/evidence.ts'
import { type Chain, nameOfRow, rowOf } from '../facts/chains.ts'
import { integer, text, textOrNull } from '../facts/columns.ts'
import type { Facts } from '../facts/facts.ts'
import { stateOf } from '../facts/orders.ts'
import { type Judge, notes } from '../judge.ts'
import type { Invariant } from './invariant.ts'

export const oneHolder: Invariant = {
  id: 'I11',
  title: 'Epochs only grow, each has one holder, and only the holder writes sales of its epoch',
  check: (facts, judge) => {
    if (!facts.hasVersions) return judge.notes(notes.needsVersions)
    const epochs = new Map<string, Epoch>()
    for (const [home, chain] of facts.chains.authority)
      checkAuthority(judge, { home, chain, epochs })
    checkWrites(judge, facts, epochs)
    checkRows(judge, facts)
  },
}

/** Of one home region and epoch: who had it, and when the next one began. */
type Epoch = { readonly holder: string; endedAt: number }

type OfHome = {
  readonly home: string
  readonly chain: Chain
  readonly epochs: Map<string, Epoch>
}

function checkAuthority(judge: Judge, { home, chain, epochs }: OfHome): void {
  const keep = (row: VersionRecord['after']): Epoch | null => {
    if (row === null) return null
    const key = `${home} ${integer(row, 'epoch')}`
    const known = epochs.get(key)
    const epoch = known ?? { holder: text(row, 'server_region'), endedAt: Number.POSITIVE_INFINITY }
    if (known === undefined) epochs.set(key, epoch)
    return epoch
  }
  for (const { before, after, at, seq } of chain) {
    judge.checks()
    const about = { home, versions: [seq] }
    const [old, next] = [keep(before), keep(after)]
    if (after === null || next === null) {
      judge.breaks(`the authority over ${home} was taken away`, about)
      continue
    }
    if (before === null || old === null) continue
    const step = integer(after, 'epoch') - integer(before, 'epoch')
    if (step === 1) old.endedAt = at
    else
      judge.breaks(`the epoch of ${home} went from ${integer(before, 'epoch')} by ${step}`, about)
    if (next.holder !== text(after, 'server_region')) {
      judge.breaks(`epoch ${integer(after, 'epoch')} of ${home} had two holders`, about)
    }
  }
}

/**
 * Duties that any server may do again without harm are not bound to the epoch: to take a duty, to
 * note that it is done or that the money is there, and to let go what is held. And a publisher
 * makes claims before there is a sale.
 */
function isBound({ table, before, after }: VersionRecord): boolean {
  if (after === null) return false
  if (table === 'outbox') return before === null
  if (table === 'payments') return stateOf(after) !== 'captured'
  if (table !== 'claims') return table !== 'authority'
  if (before === null) return false
  return !(stateOf(before) === 'held' && stateOf(after) === 'free')
}

/** A statement ends by its timeout; one that is this much later ran under an epoch that was over. */
const behindMs = 60_000

function checkWrites(judge: Judge, { chains }: Facts, epochs: ReadonlyMap<string, Epoch>): void {
  for (const record of chains.all) {
    if (!isBound(record) || record.writer === 'drill') continue
    const { writer, holder, epoch, at, seq } = record
    const home = text(rowOf(record), 'region')
    if (writer === '') {
      judge.counts('writesWithoutWriter')
      continue
    }
    judge.checks()
    const about = { orders: ordersOf(record), home, versions: [seq] }
    const said = `${nameOfRow(record)} was written by ${writer}`
    if (writer !== holder) {
      judge.breaks(`${said} while ${holder} had epoch ${epoch} of ${home}`, about)
      continue
    }
    const known = epochs.get(`${home} ${epoch}`)
    if (known === undefined) continue
    if (known.holder !== writer) {
      judge.breaks(`${said} in epoch ${epoch} of ${home}, which was of ${known.holder}`, about)
    }
    if (at <= known.endedAt) continue
    if (at > known.endedAt + behindMs) {
      judge.breaks(`${said} in epoch ${epoch} of ${home}, long after that had ended`, about)
    } else judge.counts('writesBesideTakeover')
  }
}

function ordersOf(record: VersionRecord): string[] {
  const row = rowOf(record)
  const order = record.table === 'orders' ? text(row, 'id') : textOrNull(row, 'order_id')
  return order === null ? [] : [order]
}

/** The versions of one row are ordered for sure: there no epoch may follow a later one. */
function checkRows(judge: Judge, { chains }: Facts): void {
  const check = (chain: Chain): void => {
    let last: VersionRecord | null = null
    for (const record of chain) {
      if (!isBound(record) || record.writer === 'drill') continue
      judge.checks()
      if (last !== null && record.epoch < last.epoch) {
        judge.breaks(
          `${nameOfRow(record)} was written in epoch ${record.epoch} after it was in epoch ${last.epoch}`,
          { orders: ordersOf(record), versions: [last.seq, record.seq] },
        )
      }
      last = record
    }
  }
  for (const units of chains.claims.values()) {
    for (const chain of units) if (chain !== undefined) check(chain)
  }
  for (const chain of chains.orders.values()) check(chain)
}
