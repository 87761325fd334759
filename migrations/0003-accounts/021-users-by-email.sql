create unique index if not exists users_by_email on users (region, email)
