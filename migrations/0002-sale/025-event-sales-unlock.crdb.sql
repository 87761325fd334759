alter table event_sales set (schema_locked = false)
