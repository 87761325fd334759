-- Until when the region with the authority may grant, by the database's clock. Beaten every second
-- and read by no sale, so that a renewal never makes one wait; authority itself only changes when
-- it moves, and then both rows change in one statement. epoch: of the authority that it is about.
create table if not exists region_leases (
  region crdb_internal_region not null,
  server_region text not null,
  epoch int8 not null check (epoch > 0),
  expires_at timestamptz not null,
  primary key (region)
)
