create index if not exists venues_by_organisation on venues (organisation_id, id)
