alter table credentials set locality regional by row as region
