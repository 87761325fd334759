-- Puts a book that was prepared beside (KEYS 6 to 10) in its place, unless one is there already:
-- of two servers that load at once one wins, and what the loser prepared is dropped.
if redis.call('EXISTS', KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]) == 5 then
  redis.call('UNLINK', KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10])
  return { 'PRESENT' }
end
-- A prepared part that ran out meanwhile must not become a book with holes.
if redis.call('EXISTS', KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10]) < 5 then return { 'LOST' } end
local clock = redis.call('TIME')
local expiry = clock[1] * 1000 + math.floor(clock[2] / 1000) + ARGV[1]
for index = 1, 5 do
  redis.call('RENAME', KEYS[index + 5], KEYS[index])
  redis.call('PEXPIREAT', KEYS[index], expiry)
end
return { 'INSTALLED' }
