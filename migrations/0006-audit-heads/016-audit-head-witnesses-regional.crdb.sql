alter table audit_head_witnesses set locality regional by row as region
