alter table holds set (schema_locked = false)
