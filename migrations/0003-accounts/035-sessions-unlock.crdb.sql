alter table sessions set (schema_locked = false)
