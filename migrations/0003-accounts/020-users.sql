-- A person, at home in the region that the person chose. email and name are personal data.
create table if not exists users (
  region crdb_internal_region not null,
  id text not null,
  name text not null,
  email text not null,
  email_verified bool not null,
  image text,
  locale text not null,
  two_factor_enabled bool,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (region, id)
)
