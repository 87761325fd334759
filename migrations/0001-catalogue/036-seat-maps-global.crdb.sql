alter table seat_maps set locality global
