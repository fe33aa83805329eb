-- Deletes a session's record if it is still the expected one. KEYS: record. ARGV: forms of the expected text. Returns 1
-- if deleted.
local now = redis.call('GET', KEYS[1])
for at = 1, #ARGV do
  if now == ARGV[at] then return redis.call('DEL', KEYS[1]) end
end
return 0
