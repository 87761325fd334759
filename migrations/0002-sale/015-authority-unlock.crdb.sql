alter table authority set (schema_locked = false)
