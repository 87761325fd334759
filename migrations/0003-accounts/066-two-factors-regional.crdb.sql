alter table two_factors set locality regional by row as region
