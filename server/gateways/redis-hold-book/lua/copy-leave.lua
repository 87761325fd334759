-- Gives the lease (KEYS 1) back, if it is still that of ARGV 1.
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return { 'LEFT' }
