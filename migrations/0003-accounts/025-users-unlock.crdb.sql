alter table users set (schema_locked = false)
