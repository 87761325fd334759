-- Who may write sales of a home region, and since which change of authority. Read by every sale,
-- written only when authority moves.
create table if not exists authority (
  region crdb_internal_region not null,
  server_region text not null,
  epoch int8 not null check (epoch > 0),
  primary key (region)
)
