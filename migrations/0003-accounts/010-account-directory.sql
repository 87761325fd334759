-- Where the account of an address lives, found from any region. Keyed by a keyed hash of the address,
-- so that no personal data leaves the region in which the person's rows are.
create table if not exists account_directory (
  email_hash text primary key,
  region crdb_internal_region not null
)
