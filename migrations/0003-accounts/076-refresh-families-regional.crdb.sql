alter table refresh_families set locality regional by row as region
