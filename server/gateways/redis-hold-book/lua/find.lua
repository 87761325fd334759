-- The living hold of an id.
local record = recall(asked.id)
if not record or not record.terms then return { 'GONE' } end
if asked.buyer and record.buyer ~= asked.buyer then return { 'GONE' } end
return tell('HELD', asked.id, record, deadlineOf(asked.id))
