alter table seat_map_sections set (schema_locked = false)
