-- Ends a lease, so that another bot can take over at once. KEYS: command, lease. ARGV: holder.
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1
