alter table api_key_uses set (schema_locked = false)
