-- Regions that take no authority until they are restored: a person has emptied them for work.
create table if not exists drained_regions (
  server_region text not null,
  drained_at timestamptz not null default now(),
  primary key (server_region)
)
