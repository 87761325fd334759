alter table price_tiers set (schema_locked = false)
