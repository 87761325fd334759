-- What has expired is deleted by this.
create index if not exists verifications_by_end on verifications (expires_at)
