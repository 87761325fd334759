-- A signed-in device: the refresh tokens that follow one another since one sign-in. Only the newest
-- generation may be used; key_hash is of the call that made it, so that the call may be repeated.
-- session_id is the accounts library's record of the sign-in.
create table if not exists refresh_families (
  region crdb_internal_region not null,
  id text not null,
  user_id text not null,
  session_id text not null,
  generation int4 not null,
  key_hash text,
  created_at timestamptz not null,
  used_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  primary key (region, id)
)
