alter table orders set (schema_locked = false)
