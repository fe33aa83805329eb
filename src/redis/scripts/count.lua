-- Counts one more. KEYS: counter. ARGV: seconds, which begin with the first. Returns the count.
local count = redis.call('INCR', KEYS[1])
redis.call('EXPIRE', KEYS[1], ARGV[1], 'NX')
return count
