-- The second factor of a person: secret and backup codes are encrypted by the server.
create table if not exists two_factors (
  region crdb_internal_region not null,
  id text not null,
  user_id text not null,
  secret text not null,
  backup_codes text not null,
  verified bool,
  failed_verification_count int4,
  locked_until timestamptz,
  primary key (region, id)
)
