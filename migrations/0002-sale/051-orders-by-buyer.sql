-- Serves the limit per buyer inside the sale (both columns bound) and a fan's own list.
create index if not exists orders_by_buyer on orders (region, buyer, event_id) include (units, state, expires_at)
