-- The stream's position; begins it where there is none.
if not incarnation then begin() end
return { 'OPEN', incarnation, tonumber(redis.call('HGET', head, 'last')) }
