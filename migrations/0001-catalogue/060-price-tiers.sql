-- rules: what a unit of these sections costs by time and by count; the first that fits is taken.
create table if not exists price_tiers (
  event_id text not null,
  id text not null,
  name text not null,
  ordinal int4 not null,
  sections jsonb not null,
  rules jsonb not null,
  primary key (event_id, id)
)
