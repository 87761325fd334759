-- lines: what each unit costs, fixed when it was held. digest: of the hold that it came from.
create table if not exists orders (
  region crdb_internal_region not null,
  id text not null,
  event_id text not null,
  buyer text not null,
  state text not null check (state in ('pending', 'paid', 'void')),
  units int4 not null check (units > 0),
  lines jsonb not null,
  currency text not null,
  total int8 not null check (total >= 0),
  digest text not null,
  void_reason text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  paid_at timestamptz,
  version int8 not null,
  primary key (region, id)
)
