create index if not exists sessions_by_end on sessions (expires_at)
