-- Immutable: the hash names the content, the version counts a venue's layouts of one name.
create table if not exists seat_maps (
  venue_id text not null,
  hash text not null,
  name text not null,
  version int4 not null,
  units int4 not null,
  created_at timestamptz not null default now(),
  primary key (venue_id, hash),
  unique (venue_id, name, version)
)
