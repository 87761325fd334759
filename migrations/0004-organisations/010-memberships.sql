-- Read by every call of an organisation's staff, in every region; written when somebody joins or
-- leaves. person: the subject of access tokens, whoever issued them.
create table if not exists memberships (
  organisation_id text not null,
  person text not null,
  role text not null check (role in ('owner', 'manager', 'box_office', 'door', 'finance')),
  version int8 not null,
  created_at timestamptz not null default now(),
  primary key (organisation_id, person)
)
