-- What the outside must still be told or asked; written in the statement that makes it true.
-- A row is due at due_at: a lease of a worker and a retry's back-off are the same column.
create table if not exists outbox (
  region crdb_internal_region not null,
  id text not null,
  kind text not null,
  payload jsonb not null,
  tries int4 not null,
  due_at timestamptz not null,
  created_at timestamptz not null,
  done_at timestamptz,
  primary key (region, id)
)
