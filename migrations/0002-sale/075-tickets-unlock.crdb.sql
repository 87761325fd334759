alter table tickets set (schema_locked = false)
