-- One row a unit, made when the event is published and never deleted; its version only grows.
-- Expiry is a predicate on now(), never a deletion.
create table if not exists claims (
  region crdb_internal_region not null,
  event_id text not null,
  unit int4 not null check (unit >= 0),
  state text not null check (state in ('free', 'held', 'reserved', 'sold', 'blocked')),
  order_id text,
  expires_at timestamptz,
  version int8 not null,
  primary key (region, event_id, unit),
  check ((state in ('held', 'reserved')) = (expires_at is not null)),
  check ((state in ('held', 'reserved', 'sold')) = (order_id is not null))
)
