-- time_zone is an IANA name: doors open in the venue's local time, whatever its offset is by then.
create table if not exists venues (
  id text not null,
  organisation_id text not null,
  name text not null,
  time_zone text not null,
  address text not null,
  city text not null,
  country text not null,
  latitude float8 not null,
  longitude float8 not null,
  version int8 not null,
  created_at timestamptz not null default now(),
  primary key (id)
)
