-- The region is not in front for the same reason as in orders_by_buyer.
create index if not exists outbox_due on outbox (due_at, id) include (kind, tries) where done_at is null
