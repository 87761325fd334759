alter table payments set (schema_locked = false)
