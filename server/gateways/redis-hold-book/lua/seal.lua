-- The stream ends here, once, until the seal is taken off.
if not sealed then
  append('z', '', '', 0)
  redis.call('HSET', head, 'sealed', 1)
end
return { 'SEALED', incarnation, tonumber(redis.call('HGET', head, 'last')) }
