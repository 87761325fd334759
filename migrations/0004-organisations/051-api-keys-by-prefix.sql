create unique index if not exists api_keys_by_prefix on api_keys (prefix)
