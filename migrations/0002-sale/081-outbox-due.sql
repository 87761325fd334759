create index if not exists outbox_due on outbox (region, due_at, id) include (kind, tries) where done_at is null
