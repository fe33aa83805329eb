-- Sets a field of a hash, which exists as long as its longest field. KEYS: hash. ARGV: field, text, seconds.
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
if redis.call('TTL', KEYS[1]) < tonumber(ARGV[3]) then redis.call('EXPIRE', KEYS[1], ARGV[3]) end
