-- Keys of partners' programs, each for one organisation. Read in every region, written rarely. The
-- secret is 256 random bits, so that a plain hash of it is enough; it is shown once and kept nowhere.
create table if not exists api_keys (
  id text not null,
  organisation_id text not null,
  prefix text not null,
  secret_hash text not null,
  name text not null,
  scopes text[] not null,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz,
  version int8 not null,
  primary key (id)
)
