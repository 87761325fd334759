alter table event_sales set locality regional by row as region
