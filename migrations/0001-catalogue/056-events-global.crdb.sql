alter table events set locality global
