alter table holds set locality regional by row as region
