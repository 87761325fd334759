create index if not exists refresh_families_by_user on refresh_families (user_id, id)
