alter table api_keys set locality global
