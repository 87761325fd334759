alter table verifications set locality regional by row as region
