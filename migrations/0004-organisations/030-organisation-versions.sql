-- Names are edited by several hands: the version that was read must still be there.
alter table organisations add column if not exists version int8 not null default 1
