alter table invitations set locality regional by row as region
