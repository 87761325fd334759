-- Lets a hold live asked.ttlMs from now, or to its cap. Never shortens a life. Once
-- checkout has begun, its order's time counts.
local record = recall(asked.id)
if not record or not record.terms then return { 'GONE' } end
local deadline = deadlineOf(asked.id)
if record.reserved or deadline >= record.cap then return tell('AT_CAP', asked.id, record, deadline) end
deadline = math.max(deadline, math.min(now + asked.ttlMs, record.cap))
keep(asked.id, record, deadline)
stayAlive()
return tell('EXTENDED', asked.id, record, deadline)
