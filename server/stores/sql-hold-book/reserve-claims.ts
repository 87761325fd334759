/**
 * Keeps the units of a hold for its checkout, taking them anew where the hold has lapsed or was
 * never in this book (a token of the Redis book). Not once its order exists: then the order's own
 * reservation counts, and to touch it would shut out a payment that comes late.
 */
import type { Hold } from '../../domain/hold.ts'
import type { HoldScope } from '../../domain/hold-book.ts'
import { present } from '../../platform/assert.ts'
import type { Database } from '../database.ts'
import { DuplicateKeyError } from '../outcome.ts'
import { runWrite, type Statement } from '../statement.ts'
import { alreadyHas } from './place-claims.ts'

export const reserveClaimsStatement: Statement = {
  name: 'hold.reserve',
  text: `with home as materialized (
  select region from authority where region = $1 and epoch = $2::int8),
 ordered as materialized (select id from orders where region = $1 and id = any($9::text[])),
 ended as materialized (
  select id from holds
  where region = $1 and id = $4::text and state <> 'held'),
 ${alreadyHas},
 kept as (
  update claims set state = 'held', order_id = $4::text, version = version + 1,
    expires_at = greatest(coalesce(expires_at, now()), now() + $8::int8 * interval '1 millisecond')
  where region = $1 and event_id = $3::text and unit = any($6::int4[])
    and (state = 'free' or (state in ('held', 'reserved') and expires_at < now())
      or (state = 'held' and order_id = $4::text))
  returning unit),
 known as (
  update holds
  set expires_at = greatest(expires_at, now() + $8::int8 * interval '1 millisecond')
  where region = $1 and id = $4::text and state = 'held'
  returning id)
select (select count(*) from known) as known,
  1 / (case when (select count(*) from home) = 1
    and (select count(*) from ordered) = 0
    and (select count(*) from ended) = 0
    and (select units from already) + array_length($6::int4[], 1) <= $7::int8
    and (select count(*) from kept) = array_length($6::int4[], 1)
    then 1 else 0 end) as guard`,
}

export const adoptHoldStatement: Statement = {
  name: 'hold.adopt',
  text: `insert into holds (region, event_id, id, buyer, units, unit_numbers, digest, terms, state,
  created_at, expires_at, cap_at)
select region, $2::text, $3::text, $4::text, array_length($5::int4[], 1), $5::int4[], $6::text,
  $7::jsonb, 'held', now(), now() + $8::int8 * interval '1 millisecond',
  now() + $9::int8 * interval '1 millisecond'
from authority where region = $1`,
}

/** @throws GuardFailedError | UnknownOutcomeError nothing was kept, or ask by the hold's id */
export async function reserveClaims(
  db: Database,
  scope: HoldScope,
  wish: { readonly hold: Hold; readonly forMs: number },
): Promise<void> {
  const { hold, forMs } = wish
  const { id, buyer, units } = hold
  const rows = await runWrite<{ known: number }>(db, reserveClaimsStatement, [
    scope.region,
    scope.epoch,
    scope.event,
    id,
    buyer,
    units,
    scope.limitPerBuyer,
    Math.round(forMs),
    [id],
  ])
  if (present(rows[0], 'the answer of the statement').known === 0) await adopt(db, scope, wish)
}

/** A hold that this book had not given gets its row, so that it counts and can be found. */
async function adopt(
  db: Database,
  scope: HoldScope,
  { hold, forMs }: { readonly hold: Hold; readonly forMs: number },
): Promise<void> {
  const { id, buyer, units, digest, terms } = hold
  const life = [Math.round(forMs), Math.round(hold.capInMs)]
  const values = [scope.region, scope.event, id, buyer, units, digest, JSON.stringify(terms)]
  try {
    await runWrite(db, adoptHoldStatement, [...values, ...life])
  } catch (cause) {
    if (!(cause instanceof DuplicateKeyError)) throw cause
  }
}
