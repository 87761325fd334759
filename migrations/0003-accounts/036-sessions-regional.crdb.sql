alter table sessions set locality regional by row as region
