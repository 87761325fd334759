-- Serves the limit per buyer inside the sale and a fan's own list. The region is not in front: on
-- CockroachDB every index of the table begins with it anyway, and on a young PostgreSQL table an
-- index that does would be taken for lookups by id, with nothing but the region bound.
create index if not exists orders_by_buyer on orders (buyer, event_id) include (units, state, expires_at)
