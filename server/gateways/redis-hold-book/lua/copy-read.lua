-- All units of the copy at KEYS 1 to 4. Holds whose time is over are taken out first, at most
-- ARGV 1: the book that is copied may not have been asked since.
local copy = copyAt(1)
if not copy.isThere then return { 'NONE' } end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', copy.due, '-inf', '(' .. now, 'LIMIT', 0, ARGV[1])) do
  drop(copy, id)
end
return { 'BYTES', redis.call('GETRANGE', copy.bitmap, 0, -1) }
