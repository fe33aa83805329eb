-- Acquires a lock. KEYS: lock. ARGV: token of the holder, ms. Returns 1 if that token has it: a call that the client repeats after
-- a lost answer too.
if redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') then return 1 end
return redis.call('GET', KEYS[1]) == ARGV[1] and 1 or 0
