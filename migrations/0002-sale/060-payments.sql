-- One PaymentIntent an order; a second card is a second attempt on the same intent.
create table if not exists payments (
  region crdb_internal_region not null,
  order_id text not null,
  intent_id text not null,
  state text not null check (state in ('pending', 'authorized', 'captured', 'voided')),
  amount int8 not null check (amount > 0),
  currency text not null,
  version int8 not null,
  updated_at timestamptz not null,
  primary key (region, order_id)
)
