alter table invitations set (schema_locked = false)
