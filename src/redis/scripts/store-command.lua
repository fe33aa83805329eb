-- Stores a command that is not accepted yet (`unsure`). KEYS: claim, command, lease, all commands, claim of the button
-- press (or the command's claim again). ARGV: id, holder, text, seconds of the claim, ms of the lease, seconds of the
-- press. Returns `kept` or `duplicate`.
if redis.call('HGET', KEYS[2], 'holder') == ARGV[2] then return 'kept' end
if redis.call('EXISTS', KEYS[1]) + redis.call('EXISTS', KEYS[5]) > 0 then return 'duplicate' end
redis.call('SET', KEYS[1], '1', 'EX', ARGV[4])
if KEYS[5] ~= KEYS[1] then redis.call('SET', KEYS[5], '1', 'EX', ARGV[6]) end
redis.call('HSET', KEYS[2], 'text', ARGV[3], 'holder', ARGV[2], 'unsure', '1')
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('SET', KEYS[3], '1', 'PX', ARGV[5])
redis.call('SADD', KEYS[4], ARGV[1])
return 'kept'
