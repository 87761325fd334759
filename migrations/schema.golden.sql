-- Written by `npm run db:golden` from a freshly migrated PostgreSQL: what all migrations
-- together make. Read it, do not run it; the migrations are what runs.

create type crdb_internal_region as enum (…);

create table account_directory (
  email_hash text not null,
  region crdb_internal_region not null,
  PRIMARY KEY (email_hash)
);

create table api_key_uses (
  region crdb_internal_region not null,
  key_id text not null,
  last_used_at timestamp with time zone not null,
  PRIMARY KEY (region, key_id)
);

create table api_keys (
  id text not null,
  organisation_id text not null,
  prefix text not null,
  secret_hash text not null,
  name text not null,
  scopes text[] not null,
  created_by text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  revoked_at timestamp with time zone,
  version bigint not null,
  PRIMARY KEY (id)
);
CREATE INDEX api_keys_by_organisation ON public.api_keys USING btree (organisation_id, id);
CREATE UNIQUE INDEX api_keys_by_prefix ON public.api_keys USING btree (prefix);

create table audit_entries (
  region crdb_internal_region not null,
  chain text not null,
  seq bigint not null,
  at timestamp with time zone not null,
  phase text not null,
  begun_seq bigint,
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
  PRIMARY KEY (region, chain, seq),
  CHECK ((phase = ANY (ARRAY['begun'::text, 'ended'::text]))),
  CHECK ((seq > 0))
);
CREATE INDEX audit_entries_with_address ON public.audit_entries USING btree (region, at) WHERE (address IS NOT NULL);

create table audit_head_witnesses (
  region crdb_internal_region not null,
  of_region text not null,
  chain text not null,
  seq bigint not null,
  hash text not null,
  signature text not null,
  witnessed_at timestamp with time zone not null default now(),
  PRIMARY KEY (region, of_region, chain),
  CHECK ((seq > 0))
);

create table authority (
  region crdb_internal_region not null,
  server_region text not null,
  epoch bigint not null,
  PRIMARY KEY (region),
  CHECK ((epoch > 0))
);

create table claims (
  region crdb_internal_region not null,
  event_id text not null,
  unit integer not null,
  state text not null,
  order_id text,
  expires_at timestamp with time zone,
  version bigint not null,
  PRIMARY KEY (region, event_id, unit),
  CHECK (((state = ANY (ARRAY['held'::text, 'reserved'::text, 'sold'::text])) = (order_id IS NOT NULL))),
  CHECK (((state = ANY (ARRAY['held'::text, 'reserved'::text])) = (expires_at IS NOT NULL))),
  CHECK ((state = ANY (ARRAY['free'::text, 'held'::text, 'reserved'::text, 'sold'::text, 'blocked'::text]))),
  CHECK ((unit >= 0))
);

create table credentials (
  region crdb_internal_region not null,
  id text not null,
  user_id text not null,
  account_id text not null,
  provider_id text not null,
  password text,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamp with time zone,
  refresh_token_expires_at timestamp with time zone,
  scope text,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  PRIMARY KEY (region, id)
);
CREATE UNIQUE INDEX credentials_by_user ON public.credentials USING btree (region, user_id, provider_id);

create table drained_regions (
  server_region text not null,
  drained_at timestamp with time zone not null default now(),
  PRIMARY KEY (server_region)
);

create table event_sales (
  region crdb_internal_region not null,
  event_id text not null,
  state text not null,
  opens_at timestamp with time zone not null,
  closes_at timestamp with time zone not null,
  limit_per_buyer integer not null,
  version bigint not null,
  PRIMARY KEY (region, event_id),
  CHECK ((state = ANY (ARRAY['published'::text, 'cancelled'::text])))
);

create table events (
  id text not null,
  home_region text not null,
  organisation_id text not null,
  venue_id text not null,
  seat_map_hash text not null,
  name text not null,
  description text not null,
  category text not null,
  state text not null,
  starts_at timestamp with time zone not null,
  opens_at timestamp with time zone not null,
  closes_at timestamp with time zone not null,
  limit_per_buyer integer not null,
  hold_minutes integer not null,
  currency text not null,
  fee_fixed bigint not null,
  fee_basis_points integer not null,
  units integer not null,
  version bigint not null,
  created_at timestamp with time zone not null default now(),
  PRIMARY KEY (id),
  CHECK ((state = ANY (ARRAY['draft'::text, 'publishing'::text, 'published'::text, 'cancelled'::text])))
);
CREATE INDEX events_by_organisation ON public.events USING btree (organisation_id, id);
CREATE INDEX events_by_start ON public.events USING btree (state, starts_at, id);

create table holds (
  region crdb_internal_region not null,
  event_id text not null,
  id text not null,
  buyer text not null,
  units integer not null,
  unit_numbers integer[] not null,
  digest text not null,
  terms jsonb not null,
  state text not null,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  cap_at timestamp with time zone not null,
  PRIMARY KEY (region, id),
  CHECK ((state = ANY (ARRAY['held'::text, 'released'::text, 'converted'::text]))),
  CHECK ((units > 0))
);
CREATE INDEX holds_by_buyer ON public.holds USING btree (buyer, event_id) INCLUDE (units, state, expires_at);

create table invitations (
  region crdb_internal_region not null,
  id text not null,
  organisation_id text not null,
  role text not null,
  email text,
  locale text not null,
  code_hash text not null,
  state text not null,
  invited_by text not null,
  accepted_by text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  version bigint not null,
  PRIMARY KEY (region, id),
  CHECK ((role = ANY (ARRAY['owner'::text, 'manager'::text, 'box_office'::text, 'door'::text, 'finance'::text]))),
  CHECK ((state = ANY (ARRAY['open'::text, 'accepted'::text, 'withdrawn'::text])))
);
CREATE INDEX invitations_by_organisation ON public.invitations USING btree (region, organisation_id, id);
CREATE INDEX invitations_with_address ON public.invitations USING btree (region, expires_at) WHERE (email IS NOT NULL);
CREATE UNIQUE INDEX invitations_by_code ON public.invitations USING btree (region, code_hash);

create table memberships (
  organisation_id text not null,
  person text not null,
  role text not null,
  version bigint not null,
  created_at timestamp with time zone not null default now(),
  PRIMARY KEY (organisation_id, person),
  CHECK ((role = ANY (ARRAY['owner'::text, 'manager'::text, 'box_office'::text, 'door'::text, 'finance'::text])))
);
CREATE INDEX memberships_by_person ON public.memberships USING btree (person, organisation_id) INCLUDE (role);

create table migration_lock (
  id integer not null,
  holder text,
  expires_at timestamp with time zone not null,
  PRIMARY KEY (id)
);

create table migrations (
  name text not null,
  checksum text not null,
  applied_at timestamp with time zone not null default now(),
  PRIMARY KEY (name)
);

create table orders (
  region crdb_internal_region not null,
  id text not null,
  event_id text not null,
  buyer text not null,
  state text not null,
  units integer not null,
  lines jsonb not null,
  currency text not null,
  total bigint not null,
  digest text not null,
  void_reason text,
  created_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  paid_at timestamp with time zone,
  version bigint not null,
  PRIMARY KEY (region, id),
  CHECK ((state = ANY (ARRAY['pending'::text, 'paid'::text, 'void'::text]))),
  CHECK ((total >= 0)),
  CHECK ((units > 0))
);
CREATE INDEX orders_by_buyer ON public.orders USING btree (buyer, event_id) INCLUDE (units, state, expires_at);

create table organisations (
  id text not null,
  name text not null,
  created_at timestamp with time zone not null default now(),
  version bigint not null default 1,
  PRIMARY KEY (id)
);

create table outbox (
  region crdb_internal_region not null,
  id text not null,
  kind text not null,
  payload jsonb not null,
  tries integer not null,
  due_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  done_at timestamp with time zone,
  PRIMARY KEY (region, id)
);
CREATE INDEX outbox_due ON public.outbox USING btree (region, due_at, id) INCLUDE (kind, tries) WHERE (done_at IS NULL);

create table payments (
  region crdb_internal_region not null,
  order_id text not null,
  intent_id text not null,
  state text not null,
  amount bigint not null,
  currency text not null,
  version bigint not null,
  updated_at timestamp with time zone not null,
  PRIMARY KEY (region, order_id),
  CHECK ((amount > 0)),
  CHECK ((state = ANY (ARRAY['pending'::text, 'authorized'::text, 'captured'::text, 'voided'::text])))
);

create table platform_admins (
  person text not null,
  created_at timestamp with time zone not null default now(),
  PRIMARY KEY (person)
);

create table price_tiers (
  event_id text not null,
  id text not null,
  name text not null,
  ordinal integer not null,
  sections jsonb not null,
  rules jsonb not null,
  PRIMARY KEY (event_id, id)
);

create table refresh_families (
  region crdb_internal_region not null,
  id text not null,
  user_id text not null,
  session_id text not null,
  generation integer not null,
  key_hash text,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  ended_by text,
  PRIMARY KEY (region, id)
);
CREATE INDEX refresh_families_by_end ON public.refresh_families USING btree (expires_at);
CREATE INDEX refresh_families_by_user ON public.refresh_families USING btree (user_id, id);

create table region_leases (
  region crdb_internal_region not null,
  server_region text not null,
  epoch bigint not null,
  expires_at timestamp with time zone not null,
  PRIMARY KEY (region),
  CHECK ((epoch > 0))
);

create table seat_map_sections (
  hash text not null,
  section integer not null,
  body jsonb not null,
  PRIMARY KEY (hash, section)
);

create table seat_maps (
  venue_id text not null,
  hash text not null,
  name text not null,
  version integer not null,
  units integer not null,
  created_at timestamp with time zone not null default now(),
  UNIQUE (venue_id, name, version),
  PRIMARY KEY (venue_id, hash)
);

create table sessions (
  region crdb_internal_region not null,
  id text not null,
  user_id text not null,
  token text not null,
  ip_address text,
  user_agent text,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  PRIMARY KEY (region, id)
);
CREATE INDEX sessions_by_end ON public.sessions USING btree (expires_at);
CREATE INDEX sessions_by_user ON public.sessions USING btree (user_id, created_at);
CREATE UNIQUE INDEX sessions_by_token ON public.sessions USING btree (region, token);

create table tickets (
  region crdb_internal_region not null,
  order_id text not null,
  unit integer not null,
  event_id text not null,
  state text not null,
  code_epoch integer not null,
  issued_at timestamp with time zone not null,
  PRIMARY KEY (region, order_id, unit),
  CHECK ((code_epoch >= 0)),
  CHECK ((state = ANY (ARRAY['valid'::text, 'void'::text])))
);

create table two_factors (
  region crdb_internal_region not null,
  id text not null,
  user_id text not null,
  secret text not null,
  backup_codes text not null,
  verified boolean,
  failed_verification_count integer,
  locked_until timestamp with time zone,
  PRIMARY KEY (region, id)
);
CREATE UNIQUE INDEX two_factors_by_user ON public.two_factors USING btree (region, user_id);

create table users (
  region crdb_internal_region not null,
  id text not null,
  name text not null,
  email text not null,
  email_verified boolean not null,
  image text,
  locale text not null,
  two_factor_enabled boolean,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  PRIMARY KEY (region, id)
);
CREATE UNIQUE INDEX users_by_email ON public.users USING btree (region, email);

create table venues (
  id text not null,
  organisation_id text not null,
  name text not null,
  time_zone text not null,
  address text not null,
  city text not null,
  country text not null,
  latitude double precision not null,
  longitude double precision not null,
  version bigint not null,
  created_at timestamp with time zone not null default now(),
  PRIMARY KEY (id)
);
CREATE INDEX venues_by_organisation ON public.venues USING btree (organisation_id, id);

create table verifications (
  region crdb_internal_region not null,
  id text not null,
  identifier text not null,
  value text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  PRIMARY KEY (region, id)
);
CREATE INDEX verifications_by_end ON public.verifications USING btree (expires_at);
CREATE INDEX verifications_by_identifier ON public.verifications USING btree (identifier, created_at);
