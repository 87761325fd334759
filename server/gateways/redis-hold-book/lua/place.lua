-- Holds the first group of units that is free as a whole. A group's edges are the two
-- seats beyond each of its ends, -1 behind a wall: the group is passed over when the near one is
-- free and the far one is not, as the near one would be left alone.
-- asked.groups: { { units = {…}, edges = { {near, far}, … } }, … }
local known = answered()
if known then return known end

local function taken(units)
  local busy = {}
  for position, state in ipairs(states(units)) do
    if state ~= FREE then busy[#busy + 1] = units[position] end
  end
  return busy
end

local function leavesOrphan(edges)
  for _, edge in ipairs(edges) do
    local near, far = edge[1], edge[2]
    local isNearFree = near >= 0 and states({ near })[1] == FREE
    if isNearFree and (far < 0 or states({ far })[1] ~= FREE) then return true end
  end
  return false
end

local busy
for _, group in ipairs(asked.groups) do
  busy = taken(group.units)
  if #busy == 0 and not leavesOrphan(group.edges) then return hold(group.units) end
end
return { 'TAKEN', cjson.encode(busy) }
