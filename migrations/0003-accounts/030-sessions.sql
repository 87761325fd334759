-- The accounts library's own record of who proved who they are. Its token never leaves the server.
create table if not exists sessions (
  region crdb_internal_region not null,
  id text not null,
  user_id text not null,
  token text not null,
  ip_address text,
  user_agent text,
  expires_at timestamptz not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  primary key (region, id)
)
