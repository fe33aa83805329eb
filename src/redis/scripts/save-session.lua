-- Saves a session's record and returns the previous one. KEYS: record, index. ARGV: text, seconds, session key.
redis.call('SADD', KEYS[2], ARGV[3])
return redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2], 'GET')
