-- Applies changes to copies and moves the position, all or nothing.
-- KEYS 1 lease, 2 position, from 3 on four for each event
-- ARGV 1 token, 2 JSON { from, to, ttlMs }, 3 JSON list of { kind, event (its place among the
-- keys), id, units, record, lifeMs, capMs }
local step, changes = cjson.decode(ARGV[2]), cjson.decode(ARGV[3])
local known = redis.call('HMGET', KEYS[2], 'incarnation', 'last')
if type(step.from) == 'table' then
  if known[1] ~= step.from.incarnation then return { 'MOVED' } end
  if tonumber(known[2]) ~= step.from.last then return { 'MOVED' } end
end

local copies, missing = {}, { 'MISSING' }
for event = 0, (#KEYS - 2) / 4 - 1 do
  copies[event] = copyAt(3 + event * 4)
  if not copies[event].isThere then missing[#missing + 1] = event end
end
if #missing > 1 then return missing end

for _, change in ipairs(changes) do
  local copy, id = copies[change.event], change.id
  drop(copy, id)
  if change.kind == 'living' then
    give(copy, id, change.units, HELD)
    redis.call('HSET', copy.records, id, string.format('%.0f ', now + change.capMs) .. change.record)
    redis.call('ZADD', copy.due, now + change.lifeMs, id)
  elseif change.kind == 'sold' then
    give(copy, id, change.units, SOLD)
  else
    freeOwn(copy, id, change.units)
  end
end
for index = 3, #KEYS do
  if redis.call('PTTL', KEYS[index]) <= step.ttlMs / 2 then
    redis.call('PEXPIRE', KEYS[index], step.ttlMs)
  end
end
redis.call('HSET', KEYS[2], 'incarnation', step.to.incarnation, 'last', step.to.last,
  'asOfMs', step.to.asOfMs, 'behind', step.to.behind, 'isSealed', step.to.isSealed and 1 or 0)
redis.call('PEXPIRE', KEYS[2], step.ttlMs)
return { 'APPLIED' }
