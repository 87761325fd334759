alter table drained_regions set locality global
