-- Replaces a text without a lifetime that is still the expected one. KEYS: text. ARGV: expected text, new text.
if redis.call('GET', KEYS[1]) ~= ARGV[1] or redis.call('TTL', KEYS[1]) ~= -1 then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
