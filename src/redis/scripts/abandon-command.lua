-- Removes a command that was not accepted. KEYS: claim, command, lease, all commands. ARGV: id, holder, seconds of the
-- claim. Leaves or sets the claim, because the reply was that the command isn't run.
if redis.call('HGET', KEYS[2], 'holder') == ARGV[2] and redis.call('HEXISTS', KEYS[2], 'unsure') == 1 then
  redis.call('DEL', KEYS[2], KEYS[3])
  redis.call('SREM', KEYS[4], ARGV[1])
end
redis.pcall('SET', KEYS[1], '1', 'EX', ARGV[3], 'NX')
return 1
