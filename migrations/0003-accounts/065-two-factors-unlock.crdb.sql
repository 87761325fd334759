alter table two_factors set (schema_locked = false)
