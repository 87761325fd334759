alter table region_leases set locality regional by row as region
