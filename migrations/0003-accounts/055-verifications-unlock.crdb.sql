alter table verifications set (schema_locked = false)
