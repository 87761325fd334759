alter table account_directory set locality global
