-- Accepts a stored command. KEYS: command. ARGV: holder. Returns 0 where another holder has the command. Deletes a
-- field only, which needs no memory, so that a full Redis does it too.
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'unsure')
return 1
