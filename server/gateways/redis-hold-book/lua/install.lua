-- Puts a book that was prepared beside (KEYS 9 to 13) in its place, unless one is there already
-- that was built in this life of Redis: of two servers that load at once one wins, and what the loser
-- prepared is dropped. Under the seal no book begins: what its first hold would be, no follower would
-- hear of.
local isThere = redis.call('EXISTS', KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]) == 5
if isThere and redis.call('HGET', KEYS[6], '') == '!' .. bounds.life then
  redis.call('UNLINK', KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13])
  return { 'PRESENT' }
end
if sealed then return { 'SEALED' } end
-- A prepared part that ran out meanwhile must not become a book with holes; nor may what was begun
-- before Redis was wiped, as its mark says: a book that was told more may have been here.
local isWhole = redis.call('EXISTS', KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13]) == 5
if not isWhole or redis.call('HGET', KEYS[11], '') ~= '!' .. bounds.life then
  redis.call('UNLINK', KEYS[9], KEYS[10], KEYS[11], KEYS[12], KEYS[13])
  return { 'LOST' }
end
redis.call('UNLINK', KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8])
for index = 4, 8 do
  redis.call('RENAME', KEYS[index + 5], KEYS[index])
  redis.call('PEXPIREAT', KEYS[index], now + bounds.idleTtlMs)
end
-- Known or not: what followers have of this event is of another book.
if not incarnation then begin() end
redis.call('SADD', events, asked.event)
isOld = isOld or redis.call('PTTL', head) <= bounds.idleTtlMs / 2
append('b', '', '', 0)
return { 'INSTALLED' }
