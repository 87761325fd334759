-- Holds of the SQL hold book; the Redis hold book keeps its own. terms: the prices promised.
create table if not exists holds (
  region crdb_internal_region not null,
  event_id text not null,
  id text not null,
  buyer text not null,
  units int4 not null check (units > 0),
  unit_numbers int4[] not null,
  digest text not null,
  terms jsonb not null,
  state text not null check (state in ('held', 'released', 'converted')),
  created_at timestamptz not null,
  expires_at timestamptz not null,
  cap_at timestamptz not null,
  primary key (region, id)
)
