-- Copies of books of another region. A copy is four keys, a table here:
--   bitmap   string: two bits a unit, as server/domain/units.ts lays them out
--   owners   hash: unit -> id of the hold or order that has it
--   records  hash: id -> "<end of its cap> <record as JSON>" of every living hold
--   due      sorted set: id -> when it runs out, by this Redis' clock
-- No limits and no memory of what ended: that is the book's affair.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local FREE, HELD, SOLD = 0, 1, 2

local function copyAt(index)
  local copy =
    { bitmap = KEYS[index], owners = KEYS[index + 1], records = KEYS[index + 2], due = KEYS[index + 3] }
  copy.isThere = redis.call('EXISTS', copy.bitmap, copy.owners, copy.records, copy.due) == 4
  return copy
end

local function paint(copy, units, state)
  local tell = {}
  for _, unit in ipairs(units) do
    tell[#tell + 1] = 'SET'
    tell[#tell + 1] = 'u2'
    tell[#tell + 1] = '#' .. unit
    tell[#tell + 1] = state
  end
  redis.call('BITFIELD', copy.bitmap, unpack(tell))
end

-- Whoever had them before: later changes say what became of it.
local function give(copy, id, units, state)
  local fields = {}
  for _, unit in ipairs(units) do
    fields[#fields + 1] = unit
    fields[#fields + 1] = id
  end
  redis.call('HSET', copy.owners, unpack(fields))
  paint(copy, units, state)
end

local function freeOwn(copy, id, units)
  local own = {}
  for position, owner in ipairs(redis.call('HMGET', copy.owners, unpack(units))) do
    if owner == id then own[#own + 1] = units[position] end
  end
  if #own == 0 then return end
  redis.call('HDEL', copy.owners, unpack(own))
  paint(copy, own, FREE)
end

-- Forgets a living hold; its units are free, as far as they are its own.
local function drop(copy, id)
  local text = redis.call('HGET', copy.records, id)
  if not text then return end
  freeOwn(copy, id, cjson.decode(string.sub(text, string.find(text, ' ', 1, true) + 1)).units)
  redis.call('HDEL', copy.records, id)
  redis.call('ZREM', copy.due, id)
end
