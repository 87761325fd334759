-- Whether an event is on sale is never stored: it is published, and the window is open by now().
-- publishing: sealed while its claims are made, so that no edit falls between two of the steps.
create table if not exists events (
  id text not null,
  home_region text not null,
  organisation_id text not null,
  venue_id text not null,
  seat_map_hash text not null,
  name text not null,
  description text not null,
  category text not null,
  state text not null check (state in ('draft', 'publishing', 'published', 'cancelled')),
  starts_at timestamptz not null,
  opens_at timestamptz not null,
  closes_at timestamptz not null,
  limit_per_buyer int4 not null,
  hold_minutes int4 not null,
  currency text not null,
  fee_fixed int8 not null,
  fee_basis_points int4 not null,
  units int4 not null,
  version int8 not null,
  created_at timestamptz not null default now(),
  primary key (id)
)
