create unique index if not exists invitations_by_code on invitations (region, code_hash)
