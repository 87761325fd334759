alter table organisations set locality global
