-- Lets a lock expire later. KEYS: lock. ARGV: token of the holder, ms from now. Returns 0 if another holder, or none, has it.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
