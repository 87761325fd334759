-- Where the audit chains of other regions ended when this row's region (the witness) last looked:
-- one row for each chain, signed with a key that no database has. docs/audit.md says what it shows.
create table if not exists audit_head_witnesses (
  region crdb_internal_region not null,
  of_region text not null,
  chain text not null,
  seq int8 not null check (seq > 0),
  hash text not null,
  signature text not null,
  witnessed_at timestamptz not null default now(),
  primary key (region, of_region, chain)
)
