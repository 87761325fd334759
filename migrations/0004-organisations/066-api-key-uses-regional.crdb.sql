alter table api_key_uses set locality regional by row as region
