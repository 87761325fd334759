with home as materialized (
  select region from authority where region = $1 and epoch = $2::int8),
 voided as (
  update orders set state = 'void', void_reason = $7::text, version = version + 1
  where region = $1 and id = any($4::text[]) and state = 'pending'
  returning id),
 freed as (
  update claims set state = 'free', order_id = null, expires_at = null, version = version + 1
  where region = $1 and event_id = $3::text and unit = any($5::int4[]) and state = 'reserved'
    and order_id = ($6::text[])[array_position($5::int4[], unit)]
  returning unit),
 released as (
  update payments set state = 'voided', version = version + 1, updated_at = now()
  where region = $1 and order_id = any($4::text[]) and state = 'pending'
  returning order_id),
 told as (
  insert into outbox (region, id, kind, payload, tries, due_at, created_at)
  select h.region, 'order.voided:' || v.id, 'order.voided', jsonb_build_object('order', v.id,
    'trace', ($8::text[])[array_position($4::text[], v.id)]), 0, now(), now()
  from home h cross join voided v
  returning id)
select 1 / (case when (select count(*) from home) = 1
    and (select count(*) from voided) = array_length($4::text[], 1)
    and (select count(*) from freed) <= array_length($5::int4[], 1)
    and (select count(*) from released) <= array_length($4::text[], 1)
    and (select count(*) from told) = array_length($4::text[], 1)
    then 1 else 0 end) as guard;
