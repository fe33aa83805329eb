-- Replaces a text that is still the expected one. KEYS: text. ARGV: expected text, new text, seconds. Returns 1, or the
-- current text where it differs (null where there is none).
local now = redis.call('GET', KEYS[1])
if now ~= ARGV[1] then return now end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
return 1
