-- What is to be emptied: few rows at any time.
create index if not exists invitations_with_address on invitations (region, expires_at) where email is not null
