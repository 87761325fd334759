create index if not exists holds_by_buyer on holds (region, event_id, buyer) include (units, state, expires_at)
