-- The book of one event under one epoch: what every script of the hold book goes on with after
-- stream.lua.
--
-- KEYS 4 bitmap   string: two bits a unit, as server/domain/units.ts lays them out
--      5 owners   hash: unit -> "<hold or order id> <buyer>" of every held or sold unit
--      6 records  hash: id -> JSON of a living hold, or "!<how it ended><digest>" while remembered;
--                 '' -> "!<in which life of Redis the book was built>"
--      7 counts   hash: buyer -> units held and owned
--      8 due      sorted set: id -> when a hold runs out, or when an ended one is forgotten
--
-- Invariants, after every script: a unit is held or sold in the bitmap if and only if it has an
-- owner; a buyer's count is the number of units with that buyer; a held unit's owner has a living
-- record, and every living record is due. All keys expire together, at one time. Whatever changed
-- of a unit is in the stream.
local bitmap, owners, records, counts, due = KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local FREE, HELD, SOLD = 0, 1, 2
local EXPIRED, RELEASED, CONVERTED, BROKEN = 'x', 'r', 's', 'b'
local LIVING, GONE = 'l', 'g'

-- A server that evicts may have dropped one of them: a book with a hole is no book.
if redis.call('EXISTS', bitmap, owners, records, counts, due) < 5 then return { 'UNLOADED' } end
-- Neither is one that a former life has left: whatever was lost at its end is missing in it.
if redis.call('HGET', records, '') ~= '!' .. bounds.life then return { 'UNLOADED' } end

-- Codes of these units in the bitmap, in their order.
local function states(units)
  local ask = {}
  for _, unit in ipairs(units) do
    ask[#ask + 1] = 'GET'
    ask[#ask + 1] = 'u2'
    ask[#ask + 1] = '#' .. unit
  end
  return redis.call('BITFIELD', bitmap, unpack(ask))
end

local function paint(units, state)
  local tell = {}
  for _, unit in ipairs(units) do
    tell[#tell + 1] = 'SET'
    tell[#tell + 1] = 'u2'
    tell[#tell + 1] = '#' .. unit
    tell[#tell + 1] = state
  end
  redis.call('BITFIELD', bitmap, unpack(tell))
end

local function count(buyer, by)
  if redis.call('HINCRBY', counts, buyer, by) <= 0 then redis.call('HDEL', counts, buyer) end
end

local function countOf(buyer)
  return tonumber(redis.call('HGET', counts, buyer) or 0)
end

-- Makes free units the owner's.
local function give(id, buyer, units, state)
  local fields = {}
  for _, unit in ipairs(units) do
    fields[#fields + 1] = unit
    fields[#fields + 1] = id .. ' ' .. buyer
  end
  redis.call('HSET', owners, unpack(fields))
  paint(units, state)
  count(buyer, #units)
end

-- Frees those of the units that are this owner's; says whether there were any.
local function takeBack(id, buyer, units)
  local own = {}
  for position, owner in ipairs(redis.call('HMGET', owners, unpack(units))) do
    if owner == id .. ' ' .. buyer then own[#own + 1] = units[position] end
  end
  if #own == 0 then return false end
  redis.call('HDEL', owners, unpack(own))
  paint(own, FREE)
  count(buyer, -#own)
  return true
end

-- What is known of an id: its living record, or how it ended and the digest of its wish.
local function recall(id)
  local text = redis.call('HGET', records, id)
  if not text then return nil, nil, nil end
  if string.byte(text) == 33 then return nil, string.sub(text, 2, 2), string.sub(text, 3) end
  local record = cjson.decode(text)
  return record, nil, record.digest
end

-- Ended holds are remembered for a while, so that a repeated key is answered and not run again;
-- a book that remembers too much forgets at once.
local function remember(id, how, digest)
  if redis.call('HLEN', records) > bounds.recordsMax then
    redis.call('HDEL', records, id)
    redis.call('ZREM', due, id)
  else
    redis.call('HSET', records, id, '!' .. how .. digest)
    redis.call('ZADD', due, now + bounds.memoryMs, id)
  end
end

local function tellGone(id, units)
  emit(GONE, id, cjson.encode(units), 0)
end

local function finish(id, record, how)
  takeBack(id, record.buyer, record.units)
  remember(id, how, record.digest)
  tellGone(id, record.units)
end

local function keep(id, record, deadline)
  local text = cjson.encode(record)
  redis.call('HSET', records, id, text)
  redis.call('ZADD', due, deadline, id)
  emit(LIVING, id, text, deadline)
end

-- A living hold as the caller reads it: record, its remaining life and what its cap leaves.
local function tell(status, id, record, deadline)
  return { status, cjson.encode(record), deadline - now, record.cap - now }
end

local function deadlineOf(id)
  return tonumber(redis.call('ZSCORE', due, id))
end

-- An unused book dies by itself: it is built anew from SQL when it is asked for again.
local function stayAlive()
  if redis.call('PTTL', bitmap) > bounds.idleTtlMs / 2 then return end
  for index = 4, 8 do redis.call('PEXPIREAT', KEYS[index], now + bounds.idleTtlMs) end
end

-- First of all, what has run out is freed: bounded, and then the caller asks again. The clock is
-- cut to milliseconds, so that a hold may only end once its last one is over. Under the seal nothing
-- ends: whoever goes on from the book ends it there.
if not sealed then
  local over = redis.call('ZRANGEBYSCORE', due, '-inf', '(' .. now, 'LIMIT', 0, bounds.purgeMax)
  for _, id in ipairs(over) do
    local record = recall(id)
    if record then
      finish(id, record, EXPIRED)
    else
      redis.call('HDEL', records, id)
      redis.call('ZREM', due, id)
    end
  end
  if #over >= bounds.purgeMax then return { 'AGAIN' } end
end
