create index if not exists invitations_by_organisation on invitations (region, organisation_id, id)
