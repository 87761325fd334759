alter table audit_entries set (schema_locked = false)
