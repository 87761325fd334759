alter table platform_admins set (schema_locked = false)
