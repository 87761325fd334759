-- Puts a copy that was prepared beside (KEYS 7 to 10) in its place (KEYS 3 to 6), and lets those of
-- former epochs go (KEYS from 11 on). KEYS 2: sorted set of epochs that have copies.
-- ARGV 1 token, 2 how long it lives, 3 epoch, 4 how many epochs are kept in mind
if redis.call('EXISTS', KEYS[7], KEYS[8], KEYS[9], KEYS[10]) < 4 then return { 'LOST' } end
for index = 3, 6 do
  redis.call('RENAME', KEYS[index + 4], KEYS[index])
  redis.call('PEXPIRE', KEYS[index], ARGV[2])
end
redis.call('ZADD', KEYS[2], ARGV[3], ARGV[3])
redis.call('ZREMRANGEBYRANK', KEYS[2], 0, -ARGV[4] - 1)
redis.call('PEXPIRE', KEYS[2], ARGV[2])
for index = 11, #KEYS do redis.call('UNLINK', KEYS[index]) end
return { 'INSTALLED' }
