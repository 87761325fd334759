alter table tickets set locality regional by row as region
