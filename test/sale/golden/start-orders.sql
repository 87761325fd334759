with home as materialized (
  select region from authority where region = $1 and epoch = $2::int8),
 sale as materialized (
  select limit_per_buyer from event_sales
  where region = $1 and event_id = $3::text and state = 'published'
    and opens_at <= now() and closes_at > now()),
 bought as materialized (
  select buyer, sum(units) as units from orders
  where region = $1 and event_id = $3::text and buyer = any($5::text[])
    and (state = 'paid' or (state = 'pending' and expires_at > now()))
  group by buyer),
 wanted as materialized (
  select w.buyer, sum(w.units) as units from unnest($5::text[], $6::int4[]) as w(buyer, units)
  group by w.buyer),
 over_limit as materialized (
  select w.buyer from wanted w left join bought b on b.buyer = w.buyer cross join sale s
  where w.units + coalesce(b.units, 0) > s.limit_per_buyer),
 placed as (
  insert into orders (region, id, event_id, buyer, state, units, lines, currency, total, digest,
    created_at, expires_at, version)
  select h.region, w.id, $3::text, w.buyer, 'pending', w.units, w.lines::jsonb, $4::text, w.total,
    w.digest, now(), now() + $12::int8 * interval '1 millisecond', 1
  from home h cross join unnest($7::text[], $5::text[], $6::int4[], $8::text[], $9::int8[],
    $10::text[]) as w(id, buyer, units, lines, total, digest)
  returning created_at, expires_at),
 taken as (
  update claims set state = 'reserved', version = version + 1,
    order_id = ($14::text[])[array_position($13::int4[], unit)],
    expires_at = now() + $12::int8 * interval '1 millisecond'
  where region = $1 and event_id = $3::text and unit = any($13::int4[])
    and (state = 'free'
      or (state in ('held', 'reserved') and expires_at < now())
      or (state = 'held' and order_id = ($14::text[])[array_position($13::int4[], unit)]))
  returning unit),
 owed as (
  insert into payments (region, order_id, intent_id, state, amount, currency, version, updated_at)
  select h.region, w.id, w.intent, 'pending', w.total, $4::text, 1, now()
  from home h cross join unnest($7::text[], $11::text[], $9::int8[]) as w(id, intent, total)
  where w.intent <> ''
  returning order_id),
 told as (
  insert into outbox (region, id, kind, payload, tries, due_at, created_at)
  select h.region, 'order.started:' || w.id, 'order.started',
    jsonb_build_object('order', w.id, 'trace', w.trace), 0,
    now() + ($12::int8 + $15::int8) * interval '1 millisecond', now()
  from home h cross join unnest($7::text[], $16::text[]) as w(id, trace)
  returning id)
select (select min(created_at) from placed) as created_at,
  (select min(expires_at) from placed) as expires_at,
  1 / (case when (select count(*) from home) = 1
    and (select count(*) from sale) = 1
    and (select count(*) from over_limit) = 0
    and (select count(*) from placed) = array_length($7::text[], 1)
    and (select count(*) from taken) = array_length($13::int4[], 1)
    and (select count(*) from owed) <= array_length($7::text[], 1)
    and (select count(*) from told) = array_length($7::text[], 1)
    then 1 else 0 end) as guard;
