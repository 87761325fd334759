alter table outbox set (schema_locked = false)
