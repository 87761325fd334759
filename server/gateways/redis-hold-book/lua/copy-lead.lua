-- Takes or renews the lease (KEYS 1) for ARGV 1, which lives ARGV 2 milliseconds.
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return { 'TAKEN' } end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return { 'LED' }
