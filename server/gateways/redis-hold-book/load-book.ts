/**
 * Builds an event's book from SQL's snapshot: prepared under names of its own, in bounded commands,
 * and then put in its place by one script, all or nothing. Servers may race; one wins. Redis never
 * works on a long script for it.
 */
import type { HoldScope } from '../../domain/hold-book.ts'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import { type InventorySnapshot, snapshotBitmap, unitsByBuyer } from '../../domain/inventory.ts'
import { type BookKeys, bookKeys, keyList, preparedKeys } from './keys.ts'
import { reaching, runScript, type ScriptRunner } from './scripts.ts'

export type BookSource = {
  readonly scope: HoldScope
  readonly snapshot: InventorySnapshot
  /** Unique to this attempt. */
  readonly token: string
}

/** @throws HoldBookUnavailableError */
export async function loadBook(runner: ScriptRunner, source: BookSource): Promise<void> {
  const { redis } = runner
  const { scope, snapshot, token } = source
  const prepared = preparedKeys(scope, token)
  const bitmap = Buffer.from(snapshotBitmap(snapshot, scope.seatMap.units))
  await reaching(async () => {
    const [seconds, micros] = await redis.time()
    const nowMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
    await redis.set(prepared.bitmap, bitmap, 'PX', holdBookLimits.preparedTtlMs)
    for (const command of commandsFor(prepared, snapshot, nowMs)) {
      await redis.call(command.name, command.key, ...command.args)
      await redis.pexpire(command.key, holdBookLimits.preparedTtlMs)
    }
  })
  await runScript(runner, 'install', {
    keys: [...keyList(bookKeys(scope)), ...keyList(prepared)],
    args: [holdBookLimits.bookIdleTtlMs],
  })
}

type Command = {
  readonly name: 'HSET' | 'ZADD'
  readonly key: string
  readonly args: readonly (string | number)[]
}

/** A member that never goes keeps each key in being, so that all of them share one expiry. */
const anchor = ''

function* commandsFor(
  keys: BookKeys,
  snapshot: InventorySnapshot,
  nowMs: number,
): Generator<Command> {
  const owners = [...snapshot.sold, ...snapshot.pending].flatMap(({ id, buyer, units }) =>
    units.map((unit) => [unit, `${id} ${buyer}`] as const),
  )
  const due = snapshot.pending.map(({ id, expiresInMs }) => [nowMs + expiresInMs, id] as const)
  yield* chunked('HSET', keys.owners, [[anchor, ''], ...owners])
  yield* chunked('HSET', keys.counts, [[anchor, 0], ...unitsByBuyer(snapshot)])
  yield* chunked('HSET', keys.records, [[anchor, '!'], ...snapshot.pending.map(recordOf)])
  yield* chunked('ZADD', keys.due, [['+inf', anchor], ...due])
}

/** A reservation has no terms here: its order in SQL answers for it. */
function recordOf(owner: InventorySnapshot['pending'][number]): readonly [string, string] {
  const { id, buyer, units } = owner
  return [id, JSON.stringify({ buyer, units, digest: '', cap: 0, reserved: true })]
}

function* chunked(
  name: Command['name'],
  key: string,
  fields: readonly (readonly [string | number, string | number])[],
): Generator<Command> {
  const size = holdBookLimits.preparedFieldsPerCommand
  for (let from = 0; from < fields.length; from += size) {
    yield { name, key, args: fields.slice(from, from + size).flat() }
  }
}
