-- The order ended without a sale, or was given back: those of its units that are still its own are
-- free again.
local record, _, digest = recall(asked.id)
if record then
  takeBack(asked.id, record.buyer, record.units)
  tellGone(asked.id, record.units)
end
if takeBack(asked.id, asked.buyer, asked.units) then tellGone(asked.id, asked.units) end
remember(asked.id, RELEASED, digest or '')
return { 'DONE' }
