create index if not exists refresh_families_by_end on refresh_families (expires_at)
