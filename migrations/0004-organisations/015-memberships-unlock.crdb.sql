alter table memberships set (schema_locked = false)
