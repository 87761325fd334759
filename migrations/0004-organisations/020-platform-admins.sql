-- Those who run the platform; entered by a command on the server's machine, never by a call.
create table if not exists platform_admins (
  person text not null,
  created_at timestamptz not null default now(),
  primary key (person)
)
