-- Checkout begins: the units are kept asked.forMs from now at least. A hold that was lost or has
-- run out is taken anew, if its units are free and the buyer's limit allows it; one that its buyer
-- gave back, that was sold, or that has other units under the same id, is not.
local record, ended = recall(asked.id)
if record and table.concat(record.units, ',') ~= table.concat(asked.units, ',') then
  return { 'GONE' }
end
if record then
  record.reserved = true
  keep(asked.id, record, math.max(deadlineOf(asked.id), now + asked.forMs))
  stayAlive()
  return { 'RESERVED' }
end
if ended == RELEASED or ended == CONVERTED then return { 'GONE' } end
for _, state in ipairs(states(asked.units)) do
  if state ~= FREE then return { 'GONE' } end
end
if countOf(asked.buyer) + #asked.units > asked.limit then return { 'GONE' } end
give(asked.id, asked.buyer, asked.units, HELD)
keep(asked.id, {
  buyer = asked.buyer,
  units = asked.units,
  digest = asked.digest,
  terms = asked.terms,
  cap = now + asked.capMs,
  reserved = true,
}, now + asked.forMs)
stayAlive()
return { 'RESERVED' }
