-- The order was paid: its units are sold and the buyer's, whatever the book thought. A hold of
-- somebody else on one of them is broken, and its other units are free again.
local record, _, digest = recall(asked.id)
if record then takeBack(asked.id, record.buyer, record.units) end

local mine, new = asked.id .. ' ' .. asked.buyer, {}
for position, owner in ipairs(redis.call('HMGET', owners, unpack(asked.units))) do
  local unit = asked.units[position]
  if owner ~= mine then new[#new + 1] = unit end
  if owner and owner ~= mine then
    local split = string.find(owner, ' ', 1, true)
    local other, buyer = string.sub(owner, 1, split - 1), string.sub(owner, split + 1)
    local rival = recall(other)
    if rival then finish(other, rival, BROKEN) else takeBack(other, buyer, { unit }) end
  end
end
if #new > 0 then give(asked.id, asked.buyer, new, SOLD) end
remember(asked.id, CONVERTED, digest or '')
-- Told twice, it is no news.
if record or #new > 0 then emit('s', asked.id, cjson.encode(asked.units), 0) end
stayAlive()
return { 'DONE' }
