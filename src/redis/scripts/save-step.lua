-- Saves a step of a command. KEYS: command. ARGV: holder, field, text. Returns 0 where another holder has the command.
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 1
