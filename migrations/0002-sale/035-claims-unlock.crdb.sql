alter table claims set (schema_locked = false)
