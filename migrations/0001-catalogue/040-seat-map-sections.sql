-- One row a section, since a row should stay below a megabyte on CockroachDB.
create table if not exists seat_map_sections (
  hash text not null,
  section int4 not null,
  body jsonb not null,
  primary key (hash, section)
)
