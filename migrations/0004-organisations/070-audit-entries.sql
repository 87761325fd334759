-- Who did what, in one hash chain for each region and chain (an organisation, or 'platform').
-- docs/audit.md says what is hashed. Rows are only added; address and address_salt are emptied after
-- their time, which the hash allows: it covers address_digest.
create table if not exists audit_entries (
  region crdb_internal_region not null,
  chain text not null,
  seq int8 not null check (seq > 0),
  at timestamptz not null,
  phase text not null check (phase in ('begun', 'ended')),
  begun_seq int8,
  action text not null,
  actor_kind text not null,
  actor_id text not null,
  address text,
  address_salt text,
  address_digest text not null,
  request_id text not null,
  subjects text[] not null,
  reason text,
  input jsonb,
  before jsonb,
  after jsonb,
  outcome text,
  previous_hash text not null,
  hash text not null,
  primary key (region, chain, seq)
)
