-- Forgets expired artifacts, then stores or removes one. KEYS: artifact, index by end, sizes, total. ARGV: name, signed description (empty to
-- remove; both empty to do nothing more), bytes, end and now in ms since 1970, maximum total (-1 for none), size. Returns whether it was
-- done, and the total.
local function forget(name)
  local size = redis.call('HGET', KEYS[3], name)
  if size then redis.call('INCRBY', KEYS[4], 0 - tonumber(size)) end
  redis.call('HDEL', KEYS[3], name)
  redis.call('ZREM', KEYS[2], name)
end
for _, name in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', ARGV[5], 'LIMIT', 0, 1000)) do forget(name) end
local total = function() return tonumber(redis.call('GET', KEYS[4]) or 0) end
if ARGV[1] == '' then return { 'done', total() } end
if ARGV[2] == '' then
  forget(ARGV[1])
  redis.call('DEL', KEYS[1])
  return { 'done', total() }
end
local before = tonumber(redis.call('HGET', KEYS[3], ARGV[1]) or 0)
local after = total() - before + tonumber(ARGV[7])
if tonumber(ARGV[6]) >= 0 and after > tonumber(ARGV[6]) then return { 'full', total() } end
forget(ARGV[1])
redis.call('HSET', KEYS[1], 'about', ARGV[2], 'bytes', ARGV[3])
redis.call('PEXPIREAT', KEYS[1], ARGV[4])
redis.call('HSET', KEYS[3], ARGV[1], ARGV[7])
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
redis.call('INCRBY', KEYS[4], ARGV[7])
for at = 2, 4 do
  local left = redis.call('PTTL', KEYS[at])
  if left < tonumber(ARGV[4]) - tonumber(ARGV[5]) then redis.call('PEXPIREAT', KEYS[at], ARGV[4]) end
end
return { 'done', total() }
