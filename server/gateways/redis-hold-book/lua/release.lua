-- Gives a hold back, unless checkout has begun: then its order decides.
local record = recall(asked.id)
if not record or record.reserved then return { 'GONE' } end
finish(asked.id, record, RELEASED)
return { 'RELEASED' }
