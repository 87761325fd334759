alter table api_keys set (schema_locked = false)
