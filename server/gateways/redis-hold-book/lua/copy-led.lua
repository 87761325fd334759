-- Comes before what writes to copies: only the server that follows may (KEYS 1 its lease, ARGV 1
-- its token), so that one that slept changes nothing.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return { 'LOST' } end
