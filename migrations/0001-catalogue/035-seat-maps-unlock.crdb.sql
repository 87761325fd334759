alter table seat_maps set (schema_locked = false)
