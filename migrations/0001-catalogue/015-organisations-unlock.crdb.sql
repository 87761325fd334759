alter table organisations set (schema_locked = false)
