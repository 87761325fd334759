alter table orders set locality regional by row as region
