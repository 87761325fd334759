-- Without the region, which CockroachDB puts first by itself: so that on PostgreSQL a lookup by id
-- fits the primary key alone. Of two indexes that fit alike, a planner without statistics takes
-- either, and would look for one hold among all of its region.
create index if not exists holds_by_buyer on holds (buyer, event_id) include (units, state, expires_at)
