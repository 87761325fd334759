alter table seat_map_sections set locality global
