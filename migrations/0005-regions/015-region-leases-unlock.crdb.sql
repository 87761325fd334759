alter table region_leases set (schema_locked = false)
