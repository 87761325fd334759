alter table events set (schema_locked = false)
