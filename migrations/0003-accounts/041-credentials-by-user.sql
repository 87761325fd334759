create unique index if not exists credentials_by_user on credentials (region, user_id, provider_id)
