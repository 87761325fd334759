create index if not exists audit_entries_with_address on audit_entries (region, at) where address is not null
