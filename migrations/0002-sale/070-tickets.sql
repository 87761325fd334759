-- One unit for one holder. The id of a ticket is its order and unit; code_epoch ends old codes.
create table if not exists tickets (
  region crdb_internal_region not null,
  order_id text not null,
  unit int4 not null,
  event_id text not null,
  state text not null check (state in ('valid', 'void')),
  code_epoch int4 not null check (code_epoch >= 0),
  issued_at timestamptz not null,
  primary key (region, order_id, unit)
)
