-- Reads stretches of the bitmap. ARGV 3…: first and last byte of each.
local answer = { 'BYTES' }
for index = 3, #ARGV, 2 do
  answer[#answer + 1] = redis.call('GETRANGE', bitmap, ARGV[index], ARGV[index + 1])
end
return answer
