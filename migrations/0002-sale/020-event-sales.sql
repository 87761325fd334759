-- The event as its sale sees it: read inside the sale's statement, so that a cancelled event or a
-- closed window stops the next sale, not the next refresh of a cache.
create table if not exists event_sales (
  region crdb_internal_region not null,
  event_id text not null,
  state text not null check (state in ('published', 'cancelled')),
  opens_at timestamptz not null,
  closes_at timestamptz not null,
  limit_per_buyer int4 not null,
  version int8 not null,
  primary key (region, event_id)
)
