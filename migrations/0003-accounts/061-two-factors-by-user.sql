create unique index if not exists two_factors_by_user on two_factors (region, user_id)
