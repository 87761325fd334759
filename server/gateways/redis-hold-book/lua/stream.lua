-- What every script that changes something begins with: the stream of one home region under one
-- epoch, which servers of other regions follow.
--
-- KEYS 1 stream  entries "<n>-0", n from 1 on without a gap, bounded in length
--      2 head    hash: incarnation (made with the stream), last (the last n), sealed; life (of Redis,
--                in which it was used last) and cut (the last n of the life before that one)
--      3 events  set: events with a book, as far as followers were told
-- ARGV 1 bounds as JSON, 2 what is asked as JSON
--
-- An entry is a state: v the hold's record or units as JSON, and k "<when it was written> <what it
-- is> <event> <hold> <deadline>", where it is "l" living, "s" sold, "g" gone, "b" a book was built,
-- "z" sealed. Two fields and not six: each costs Redis a microsecond or two.
local stream, head, events = KEYS[1], KEYS[2], KEYS[3]
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local bounds, asked = cjson.decode(ARGV[1]), cjson.decode(ARGV[2])
local facts = redis.call('HMGET', head, 'incarnation', 'sealed', 'life', 'last')
local incarnation, sealed = facts[1], facts[2]
-- How far the books go that a former life has left.
if incarnation and facts[3] ~= bounds.life then
  redis.call('HSET', head, 'life', bounds.life, 'cut', facts[4])
end
local isTold, isOld = false, false

-- A head that is not there takes what is left of its stream with it: its numbers begin anew.
local function begin()
  redis.call('DEL', stream, events)
  incarnation = bounds.token .. '-' .. clock[1] .. '-' .. clock[2]
  redis.call('HSET', head, 'incarnation', incarnation, 'last', 0, 'life', bounds.life, 'cut', 0)
  redis.call('PEXPIREAT', head, now + bounds.idleTtlMs)
  isOld = true
end

local function append(kind, id, value, deadline)
  if not incarnation then begin() end
  local n = redis.call('HINCRBY', head, 'last', 1)
  local what = string.format('%.0f %s %s %s %.0f', now, kind, asked.event or '', id, deadline)
  redis.call('XADD', stream, 'MAXLEN', '~', bounds.streamMax, n .. '-0', 'k', what, 'v', value)
  -- Looked at now and then: one that ends all the same costs its followers a snapshot.
  if n % 16 == 0 and redis.call('PTTL', head) <= bounds.idleTtlMs / 2 then isOld = true end
  if isOld then
    for index = 1, 3 do redis.call('PEXPIREAT', KEYS[index], now + bounds.idleTtlMs) end
    isOld = false
  end
end

-- Tells followers. An event that they have not heard of is announced first, so that they fetch it.
local function emit(kind, id, value, deadline)
  if not isTold then
    if not incarnation then begin() end
    if redis.call('SADD', events, asked.event) == 1 then append('b', '', '', 0) end
    isTold = true
  end
  append(kind, id, value, deadline)
end
