-- When a key was last used in a region, to the minute; beside the key, whose row is global.
create table if not exists api_key_uses (
  region crdb_internal_region not null,
  key_id text not null,
  last_used_at timestamptz not null,
  primary key (region, key_id)
)
