create index if not exists verifications_by_identifier on verifications (identifier, created_at)
