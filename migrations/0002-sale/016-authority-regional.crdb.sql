alter table authority set locality regional by row as region
