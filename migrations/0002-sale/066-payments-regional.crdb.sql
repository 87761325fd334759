alter table payments set locality regional by row as region
