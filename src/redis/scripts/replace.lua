-- Replaces a text that is still the expected one. KEYS: text. ARGV: expected text, new text. Returns 1 if replaced.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
