/**
 * Builds an event's book from what SQL and copies say of it: prepared under names of its own, in
 * bounded commands, and then put in its place by one script, all or nothing. Servers may race; one
 * wins. Redis never works on a long script for it.
 */
import type { HoldScope } from '../../domain/hold-book.ts'
import { holdBookLimits } from '../../domain/hold-book-limits.ts'
import type { CopiedHold } from '../../domain/hold-replication.ts'
import { type BookContent, snapshotBitmap, unitsByBuyer } from '../../domain/inventory.ts'
import { inWaves } from './in-waves.ts'
import { type BookKeys, keyList, preparedKeys, scopeKeys } from './keys.ts'
import { runIdOf } from './redis-life.ts'
import { reaching, runScript, type ScriptRunner } from './scripts.ts'
import { sealed } from './sealed.ts'

export type BookSource = {
  readonly scope: HoldScope
  readonly content: BookContent
  /** Unique to this attempt. */
  readonly token: string
  /** What every script is told first. */
  readonly bounds: string
  /** Of Redis, in which it is built: in another one it is no book any more. */
  readonly life: string
}

type Begun = Pick<BookSource, 'scope' | 'token' | 'life'>

/**
 * Leaves the mark under which the book will be installed; to be called before its content is read.
 * Another server may build the book meanwhile, be told of a sale, and lose all when Redis is wiped:
 * the mark goes with it, so that a content which does not know the sale does not become the book.
 * @throws HoldBookUnavailableError
 */
export async function beginBook({ redis }: ScriptRunner, begun: Begun): Promise<void> {
  const { records } = preparedKeys(begun.scope, begun.token)
  await reaching(() =>
    Promise.all([
      redis.hset(records, anchor, `!${begun.life}`),
      redis.pexpire(records, holdBookLimits.preparedTtlMs),
    ]),
  )
}

/** Every call tries anew while SQL is away: what they prepared does not pile up until its time. */
export function leaveBook({ redis }: ScriptRunner, begun: Begun): void {
  redis.unlink(keyList(preparedKeys(begun.scope, begun.token))).catch(() => undefined)
}

/** @throws HoldBookUnavailableError; HoldBookSealedError while it is handed over */
export async function loadBook(runner: ScriptRunner, source: BookSource): Promise<void> {
  const { redis } = runner
  const { scope, content, token, bounds, life } = source
  const prepared = preparedKeys(scope, token)
  const bitmap = Buffer.from(snapshotBitmap(content, scope.seatMap.units))
  await reaching(async () => {
    const [seconds, micros] = await redis.time()
    const nowMs = Number(seconds) * 1000 + Math.floor(Number(micros) / 1000)
    await redis.set(prepared.bitmap, bitmap, 'PX', holdBookLimits.preparedTtlMs)
    const commands = [...commandsFor(prepared, { content, nowMs })]
    await inWaves(
      commands.flatMap(({ name, key, args }) => [
        () => redis.call(name, key, ...args),
        () => redis.pexpire(key, holdBookLimits.preparedTtlMs),
      ]),
    )
  })
  // It began in a life that is over: what was built and granted since then is newer than this.
  if ((await reaching(() => runIdOf(redis))) !== life) return
  const { status } = await runScript(runner, 'install', {
    keys: [...scopeKeys(scope), ...keyList(prepared)],
    args: [bounds, JSON.stringify({ event: scope.event })],
  })
  if (status === 'SEALED') throw sealed()
}

type Command = {
  readonly name: 'HSET' | 'ZADD'
  readonly key: string
  readonly args: readonly (string | number)[]
}

/** A member that never goes keeps each key in being, so that all of them share one expiry. */
const anchor = ''

type Building = Pick<BookSource, 'content'> & { readonly nowMs: number }

function* commandsFor(keys: BookKeys, { content, nowMs }: Building): Generator<Command> {
  const { sold, pending, held = [] } = content
  const owners = [...sold, ...pending, ...held].flatMap(({ id, buyer, units }) =>
    units.map((unit) => [unit, `${id} ${buyer}`] as const),
  )
  const records = [...pending.map(recordOf), ...held.map((hold) => heldRecordOf(hold, nowMs))]
  const due = [
    ...pending.map(({ id, expiresInMs }) => [nowMs + expiresInMs, id] as const),
    ...held.map(({ id, lifeMs }) => [nowMs + lifeMs, id] as const),
  ]
  yield* chunked('HSET', keys.owners, [[anchor, ''], ...owners])
  yield* chunked('HSET', keys.counts, [[anchor, 0], ...unitsByBuyer(content)])
  yield* chunked('HSET', keys.records, records)
  yield* chunked('ZADD', keys.due, [['+inf', anchor], ...due])
}

/** A reservation has no terms here: its order in SQL answers for it. */
function recordOf(owner: BookContent['pending'][number]): readonly [string, string] {
  const { id, buyer, units } = owner
  return [id, JSON.stringify({ buyer, units, digest: '', cap: 0, reserved: true })]
}

/** As the book itself would have it: its clock is the only one that counts from here on. */
function heldRecordOf(hold: CopiedHold, nowMs: number): readonly [string, string] {
  const { id, buyer, units, digest, reserved } = hold
  const terms = hold.terms === null ? {} : { terms: hold.terms }
  const mark = reserved ? { reserved: true } : {}
  const cap = nowMs + hold.capMs
  return [id, JSON.stringify({ buyer, units, digest, ...terms, cap, ...mark })]
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
