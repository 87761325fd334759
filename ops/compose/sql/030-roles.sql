-- The owner makes and changes tables (npm run migrate); the servers only read and write rows.
create role if not exists frontrow_owner with login;
create role if not exists frontrow with login;
alter role frontrow_owner with password 'OWNER_PASSWORD';
alter role frontrow with password 'SERVER_PASSWORD';
alter database frontrow owner to frontrow_owner;
grant connect on database frontrow to frontrow;
use frontrow;
grant all on schema public to frontrow_owner;
alter default privileges for role frontrow_owner grant select, insert, update, delete on tables to frontrow;
