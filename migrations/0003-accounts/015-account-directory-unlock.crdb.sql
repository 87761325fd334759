alter table account_directory set (schema_locked = false)
