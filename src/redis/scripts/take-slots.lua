-- Takes both slots, or joins a waiting list. KEYS: slots of the node and of the cluster, their waiting lists, set of
-- slot keys that have a waiting list, running number. ARGV: run, lease (ms), limit per node, limit per cluster,
-- priority. Returns 0, or which one is busy (1: node, 2: cluster).
-- include slots
local run, priority = ARGV[1], tonumber(ARGV[5])
for at = 1, 2 do
  local some = free(KEYS[at], ARGV[2 + at])
  if redis.call('ZSCORE', KEYS[at], run) == false then
    local line = KEYS[2 + at]
    local before = redis.call('ZRANK', line, run)
    if before == false then before = redis.call('ZCOUNT', line, '-inf', '(' .. string.format('%.0f', (priority + 1) * 0x100000000)) end
    if before >= some then
      if redis.call('ZSCORE', line, run) == false then
        redis.call('ZADD', line, string.format('%.0f', priority * 0x100000000 + redis.call('INCR', KEYS[6]) % 0x100000000), run)
      end
      redis.call('ZREM', KEYS[5 - at], run)
      redis.call('SADD', KEYS[5], KEYS[at])
      return at
    end
  end
end
redis.call('ZREM', KEYS[3], run)
redis.call('ZREM', KEYS[4], run)
for at = 1, 2 do
  redis.call('ZADD', KEYS[at], now + ARGV[2], run)
  redis.call('PEXPIRE', KEYS[at], ARGV[2] * 2)
end
return 0
