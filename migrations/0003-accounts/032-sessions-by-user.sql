-- The region is not in front, as in 0002-sale/051: lookups by id then fit the primary key alone.
create index if not exists sessions_by_user on sessions (user_id, created_at)
