create unique index if not exists sessions_by_token on sessions (region, token)
