-- A role that is offered to whoever shows the code from the mail. email is personal data: it stays
-- in the region in which it was given, and is emptied once nobody needs it any more.
create table if not exists invitations (
  region crdb_internal_region not null,
  id text not null,
  organisation_id text not null,
  role text not null check (role in ('owner', 'manager', 'box_office', 'door', 'finance')),
  email text,
  locale text not null,
  code_hash text not null,
  state text not null check (state in ('open', 'accepted', 'withdrawn')),
  invited_by text not null,
  accepted_by text,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  version int8 not null,
  primary key (region, id)
)
