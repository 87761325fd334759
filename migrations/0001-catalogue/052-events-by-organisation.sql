create index if not exists events_by_organisation on events (organisation_id, id)
