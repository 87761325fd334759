-- How a person proves who they are; a password as its scrypt hash. One of each kind a person.
create table if not exists credentials (
  region crdb_internal_region not null,
  id text not null,
  user_id text not null,
  account_id text not null,
  provider_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (region, id)
)
