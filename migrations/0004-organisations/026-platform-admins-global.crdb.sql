alter table platform_admins set locality global
