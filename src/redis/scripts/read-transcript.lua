-- Reads a small transcript, or the beginning of a large one. KEYS: first segment, state. ARGV: bytes up to which a
-- transcript is read whole, bytes of the beginning. Returns size, checkpoint, text.
local state = redis.call('HMGET', KEYS[2], 'size', 'checkpoint')
local whole = tonumber(state[1] or 0) <= tonumber(ARGV[1])
local text = redis.call('GETRANGE', KEYS[1], 0, whole and -1 or tonumber(ARGV[2]) - 1)
return { state[1], state[2], text }
