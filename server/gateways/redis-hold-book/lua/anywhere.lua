-- Holds asked.count units of standing areas (asked.areas: { {first unit, units}, … }): of one area
-- if any has so many, else of several. Each area is searched from a random place (asked.start, in
-- [0, 1)) and round to it, so that the answer is exact and fans do not follow one another.
local known = answered()
if known then return known end

-- Free units of an area, at most `wanted`, from byte `start` of its bytes on.
local function free(first, size, wanted)
  local from, last = math.floor(first / 4), math.floor((first + size - 1) / 4)
  local bytes = redis.call('GETRANGE', bitmap, from, last)
  local length = last - from + 1
  local start, found = math.floor(asked.start * length), {}
  for step = 0, length - 1 do
    local index = (start + step) % length
    local byte = string.byte(bytes, index + 1) or 0
    for position = 0, 3 do
      local unit = (from + index) * 4 + position
      local state = math.floor(byte / 4 ^ (3 - position)) % 4
      if state == FREE and unit >= first and unit < first + size then
        found[#found + 1] = unit
        if #found == wanted then return found end
      end
    end
  end
  return found
end

local together = {}
for _, area in ipairs(asked.areas) do
  local found = free(area[1], area[2], asked.count)
  if #found == asked.count then
    table.sort(found)
    return hold(found)
  end
  for _, unit in ipairs(found) do
    if #together < asked.count then together[#together + 1] = unit end
  end
end
if #together < asked.count then return { 'SOLD_OUT' } end
table.sort(together)
return hold(together)
