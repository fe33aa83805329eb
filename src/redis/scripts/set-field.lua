-- Sets a field of a hash. KEYS: hash. ARGV: field, text, seconds.
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
