-- The order ended without a sale, or was given back: those of its units that are still its own are
-- free again.
local record, _, digest = recall(asked.id)
if record then takeBack(asked.id, record.buyer, record.units) end
takeBack(asked.id, asked.buyer, asked.units)
remember(asked.id, RELEASED, digest or '')
return { 'DONE' }
