alter table refresh_families set (schema_locked = false)
