create index if not exists events_by_start on events (state, starts_at, id)
