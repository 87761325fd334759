create index if not exists api_keys_by_organisation on api_keys (organisation_id, id)
