-- Appends to a transcript. KEYS: two segments, state. ARGV: writer, size before, size after, text of each segment,
-- checkpoint, seconds. Returns an `AppendAnswer`.
local writer = redis.call('HGET', KEYS[3], 'writer')
if writer and writer ~= ARGV[1] then return 'taken' end
local size = tonumber(redis.call('HGET', KEYS[3], 'size') or 0)
if size == tonumber(ARGV[2]) then
  for at = 1, 2 do
    if #ARGV[3 + at] > 0 then
      redis.call('APPEND', KEYS[at], ARGV[3 + at])
      redis.call('EXPIRE', KEYS[at], ARGV[7])
    end
  end
elseif not writer or size ~= tonumber(ARGV[3]) then
  return 'differs'
end
redis.call('HSET', KEYS[3], 'writer', ARGV[1], 'size', ARGV[3], 'checkpoint', ARGV[6])
redis.call('EXPIRE', KEYS[3], ARGV[7])
return 'kept'
