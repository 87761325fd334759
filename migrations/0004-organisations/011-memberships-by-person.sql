create index if not exists memberships_by_person on memberships (person, organisation_id) include (role)
