-- Codes and challenges that wait for their answer. Identifier and code are stored as keyed hashes.
create table if not exists verifications (
  region crdb_internal_region not null,
  id text not null,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (region, id)
)
