-- Releases a lock, unless another holder has it. KEYS: lock. ARGV: token of the holder.
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1
