alter table memberships set locality global
