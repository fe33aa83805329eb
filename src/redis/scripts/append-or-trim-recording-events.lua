-- Appends events to a recording, or removes its oldest ones. KEYS: state, list. ARGV: writer, position before, position after, checkpoint, end
-- in ms since 1970, number of events to remove, events. A position is the number of events and of those that were removed. Returns a
-- `RecordingAnswer`.
local writer, position = unpack(redis.call('HMGET', KEYS[1], 'writer', 'position'))
if writer and writer ~= ARGV[1] then return 'taken' end
if position == ARGV[3] then return 'stored' end
if (position or '0 0') ~= ARGV[2] then return 'differs' end
if tonumber(ARGV[6]) > 0 then redis.call('LTRIM', KEYS[2], ARGV[6], -1) end
for at = 7, #ARGV do redis.call('RPUSH', KEYS[2], ARGV[at]) end
redis.call('HSET', KEYS[1], 'writer', ARGV[1], 'position', ARGV[3], 'checkpoint', ARGV[4])
redis.call('PEXPIREAT', KEYS[1], ARGV[5])
redis.call('PEXPIREAT', KEYS[2], ARGV[5])
return 'stored'
