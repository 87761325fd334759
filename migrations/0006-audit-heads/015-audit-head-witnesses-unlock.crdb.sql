alter table audit_head_witnesses set (schema_locked = false)
