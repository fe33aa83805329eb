-- Restarts the lifetime of the expected record. KEYS: record. ARGV: seconds, forms of the expected text.
local now = redis.call('GET', KEYS[1])
for at = 2, #ARGV do
  if now == ARGV[at] then return redis.call('EXPIRE', KEYS[1], ARGV[1]) end
end
return 0
