alter table venues set locality global
