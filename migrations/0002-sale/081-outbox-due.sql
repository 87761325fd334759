-- The region is in front here: statements that meet rows by their ids do not say done_at is null,
-- so that this index is none for them, whatever the statistics.
create index if not exists outbox_due on outbox (region, due_at, id) include (kind, tries) where done_at is null
