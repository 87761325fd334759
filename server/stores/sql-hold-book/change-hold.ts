/**
 * Longer and shorter lives of a hold that exists: each one statement, with the units that the
 * caller has read from the hold as point spans. 22012: the hold is over, or checkout has begun;
 * for a longer life also: its cap is reached, which a checkout that begins meanwhile goes beyond.
 */
import type { Hold } from '../../domain/hold.ts'
import type { HoldScope } from '../../domain/hold-book.ts'
import { present } from '../../platform/assert.ts'
import type { Database } from '../database.ts'
import { runWrite, type Statement } from '../statement.ts'

export const extendHoldStatement: Statement = {
  name: 'hold.extend',
  text: `with home as materialized (
  select region from authority where region = $1 and epoch = $2::int8),
 life as materialized (
  select greatest(expires_at, least(now() + $6::int8 * interval '1 millisecond', cap_at)) as until,
    cap_at
  from holds
  where region = $1 and id = $4::text and state = 'held'
    and expires_at > now() and expires_at < cap_at),
 longer as (
  update holds set expires_at = coalesce((select until from life), expires_at)
  where region = $1 and id = $4::text and state = 'held'
    and expires_at > now() and expires_at < cap_at
  returning id),
 kept as (
  update claims set version = version + 1,
    expires_at = coalesce((select until from life), expires_at)
  where region = $1 and event_id = $3::text and unit = any($5::int4[]) and state = 'held'
    and order_id = $4::text
  returning unit)
select (select (extract(epoch from until - now()) * 1000)::float8 from life) as expires_in_ms,
  1 / (case when (select count(*) from home) = 1
    and (select count(*) from longer) = 1
    and (select count(*) from kept) = array_length($5::int4[], 1)
    then 1 else 0 end) as guard`,
}

/** @returns how long the hold lives now, in ms. @throws GuardFailedError | UnknownOutcomeError */
export async function extendHold(
  db: Database,
  scope: HoldScope,
  wish: { readonly hold: Hold; readonly ttlMs: number },
): Promise<number> {
  const rows = await runWrite<{ expires_in_ms: number }>(db, extendHoldStatement, [
    scope.region,
    scope.epoch,
    scope.event,
    wish.hold.id,
    wish.hold.units,
    Math.round(wish.ttlMs),
  ])
  return Math.round(present(rows[0], 'the answer of the statement').expires_in_ms)
}

export const releaseHoldStatement: Statement = {
  name: 'hold.release',
  text: `with home as materialized (
  select region from authority where region = $1 and epoch = $2::int8),
 ended as (
  update holds set state = 'released'
  where region = $1 and id = $4::text and state = 'held'
    and expires_at > now()
  returning id),
 freed as (
  update claims set state = 'free', order_id = null, expires_at = null, version = version + 1
  where region = $1 and event_id = $3::text and unit = any($5::int4[]) and state = 'held'
    and order_id = $4::text
  returning unit)
select 1 / (case when (select count(*) from home) = 1
    and (select count(*) from ended) = 1
    and (select count(*) from freed) = array_length($5::int4[], 1)
    then 1 else 0 end) as guard`,
}

/** @throws GuardFailedError | UnknownOutcomeError */
export async function releaseHold(db: Database, scope: HoldScope, hold: Hold): Promise<void> {
  const { id, units } = hold
  await runWrite(db, releaseHoldStatement, [scope.region, scope.epoch, scope.event, id, units])
}
