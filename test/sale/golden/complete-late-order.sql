with home as materialized (
  select region from authority where region = $1 and epoch = $2::int8),
 sale as materialized (
  select limit_per_buyer from event_sales
  where region = $1 and event_id = $3::text and state = 'published'),
 ordered as materialized (
  select id, units, (state = 'paid' or (state = 'pending' and expires_at > now())) as counts
  from orders
  where region = $1 and event_id = $3::text and buyer = $9::text),
 holding as materialized (
  select id, units from holds
  where region = $1 and event_id = $3::text and buyer = $9::text
    and state = 'held' and expires_at > now()),
 already as materialized (
  select coalesce(sum(units), 0) as units from (
    select units from ordered where counts and not (id = any($4::text[]))
    union all
    select units from holding where id not in (select id from ordered)) as counted),
 over_limit as materialized (
  select s.limit_per_buyer from sale s cross join already a
  where a.units > 0 and a.units + array_length($5::int4[], 1) > s.limit_per_buyer),
 paid as (
  update orders set state = 'paid', paid_at = now(), version = version + 1
  where region = $1 and id = any($4::text[]) and state = 'pending'
  returning id, paid_at),
 sold as (
  update claims set state = 'sold', version = version + 1, expires_at = null,
    order_id = ($6::text[])[array_position($5::int4[], unit)]
  where region = $1 and event_id = $3::text and unit = any($5::int4[])
    and ((state = 'reserved' and order_id = ($6::text[])[array_position($5::int4[], unit)])
      or state = 'free'
      or (state in ('held', 'reserved') and expires_at < now()))
  returning region, unit, order_id),
 authorized as (
  update payments set state = 'authorized', version = version + 1, updated_at = now()
  where region = $1 and order_id = any($4::text[]) and state = 'pending'
  returning order_id),
 issued as (
  insert into tickets (region, order_id, unit, event_id, state, code_epoch, issued_at)
  select region, order_id, unit, $3::text, 'valid', 0, now() from sold
  returning unit),
 told as (
  insert into outbox (region, id, kind, payload, tries, due_at, created_at)
  select h.region, 'order.paid:' || p.id, 'order.paid', jsonb_build_object('order', p.id,
    'trace', ($8::text[])[array_position($4::text[], p.id)]), 0, now(), now()
  from home h cross join paid p
  returning id)
select (select min(paid_at) from paid) as paid_at,
  1 / (case when (select count(*) from home) = 1
    and (select count(*) from sale) = 1
    and (select count(*) from paid) = array_length($4::text[], 1)
    and (select count(*) from sold) = array_length($5::int4[], 1)
    and (select count(*) from authorized) = $7::int8
    and (select count(*) from issued) = array_length($5::int4[], 1)
    and (select count(*) from told) = array_length($4::text[], 1)
    and (select count(*) from over_limit) = 0
    then 1 else 0 end) as guard;
