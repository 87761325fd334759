alter table users set locality regional by row as region
