/**
 * Grants a hold: claims held, the hold's row written, the buyer's limit and the neighbours of the
 * units checked, in one statement or not at all. Reads stand first and materialized; claims are met
 * as point spans of the units. A repeated key is 23505 or 22012; anything else not as expected is
 * 22012: read why.
 */
import type { HoldScope, HoldWish } from '../../domain/hold-book.ts'
import type { Candidate } from '../../domain/seat-choice.ts'
import type { Database } from '../database.ts'
import { runWrite, type Statement } from '../statement.ts'

/**
 * What the buyer ($5) has of the event already, without what belongs to the wish ($4) itself. An
 * order and the hold that it came from share an id and count once.
 */
export const alreadyHas = `bought as materialized (
  select id, units from orders
  where region = $1 and buyer = $5::text and event_id = $3::text and id <> $4::text
    and (state = 'paid' or (state = 'pending' and expires_at > now()))),
 holding as materialized (
  select id, units from holds
  where region = $1 and buyer = $5::text and event_id = $3::text and id <> $4::text
    and state = 'held' and expires_at > now()),
 already as materialized (
  select coalesce(sum(units), 0) as units from (
    select units from bought
    union all
    select units from holding where id not in (select id from bought)) as counted)`

export const placeClaimsStatement: Statement = {
  name: 'hold.place',
  text: `with home as materialized (
  select region from authority where region = $1 and epoch = $2::int8),
 ${alreadyHas},
 around as materialized (
  select unit from claims
  where region = $1 and event_id = $3::text and unit = any($9::int4[])
    and (state = 'free' or (state in ('held', 'reserved') and expires_at < now()))),
 orphans as materialized (
  select e.near from unnest($7::int4[], $8::int4[]) as e(near, far)
  where e.near in (select unit from around) and e.far not in (select unit from around)),
 taken as (
  update claims set state = 'held', order_id = $4::text, version = version + 1,
    expires_at = now() + $13::int8 * interval '1 millisecond'
  where region = $1 and event_id = $3::text and unit = any($6::int4[])
    and (state = 'free' or (state in ('held', 'reserved') and expires_at < now()))
  returning unit),
 placed as (
  insert into holds (region, event_id, id, buyer, units, unit_numbers, digest, terms, state,
    created_at, expires_at, cap_at)
  select h.region, $3::text, $4::text, $5::text, array_length($6::int4[], 1), $6::int4[],
    $11::text, $12::jsonb, 'held', now(), now() + $13::int8 * interval '1 millisecond',
    now() + $14::int8 * interval '1 millisecond'
  from home h
  returning id)
select 1 / (case when (select count(*) from home) = 1
    and (select count(*) from orphans) = 0
    and (select units from already) + array_length($6::int4[], 1) <= $10::int8
    and (select count(*) from taken) = array_length($6::int4[], 1)
    and (select count(*) from placed) = 1
    then 1 else 0 end) as guard`,
}

/** @throws GuardFailedError | DuplicateKeyError | UnknownOutcomeError: read why by the hold's id */
export async function placeClaims(
  db: Database,
  scope: HoldScope,
  asked: { readonly wish: HoldWish; readonly candidate: Candidate },
): Promise<void> {
  const { wish, candidate } = asked
  const edges = candidate.edges.filter(([near]) => near >= 0)
  await runWrite(db, placeClaimsStatement, [
    scope.region,
    scope.epoch,
    scope.event,
    wish.id,
    wish.buyer,
    candidate.units,
    edges.map(([near]) => near),
    edges.map(([, far]) => far),
    edges.flat().filter((unit) => unit >= 0),
    scope.limitPerBuyer,
    wish.digest,
    JSON.stringify(wish.terms),
    Math.round(wish.ttlMs),
    Math.round(wish.capMs),
  ])
}
