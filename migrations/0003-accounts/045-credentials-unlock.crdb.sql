alter table credentials set (schema_locked = false)
