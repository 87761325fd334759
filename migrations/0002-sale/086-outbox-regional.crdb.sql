alter table outbox set locality regional by row as region
