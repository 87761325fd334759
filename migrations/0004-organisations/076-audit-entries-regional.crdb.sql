alter table audit_entries set locality regional by row as region
