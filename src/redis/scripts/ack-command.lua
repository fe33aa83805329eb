-- Deletes a completed command. KEYS: command, lease, all commands. ARGV: id, holder. Returns 0 where another holder has
-- it.
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('SREM', KEYS[3], ARGV[1])
return 1
