-- Sets a transcript's writer. KEYS: state. ARGV: writer, seconds. Returns size and checkpoint.
redis.call('HSET', KEYS[1], 'writer', ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('HMGET', KEYS[1], 'size', 'checkpoint')
