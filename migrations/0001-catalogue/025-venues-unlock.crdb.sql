alter table venues set (schema_locked = false)
