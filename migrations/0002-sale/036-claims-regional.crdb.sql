alter table claims set locality regional by row as region
