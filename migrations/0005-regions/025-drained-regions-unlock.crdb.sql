alter table drained_regions set (schema_locked = false)
