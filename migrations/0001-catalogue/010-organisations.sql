create table if not exists organisations (
  id text not null,
  name text not null,
  created_at timestamptz not null default now(),
  primary key (id)
)
