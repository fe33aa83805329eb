-- Returns all waiting runs whose turn has come. KEYS: set of slot keys that have a waiting list. ARGV: key prefix of
-- slots, key prefix of waiting lists, limit per node, limit per cluster.
-- include slots
local due = {}
for _, held in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  local place = string.sub(held, #ARGV[1] + 1)
  local line = ARGV[2] .. place
  if redis.call('EXISTS', line) == 0 then redis.call('SREM', KEYS[1], held)
  else heads(held, line, string.sub(place, 1, 5) == 'node:' and ARGV[3] or ARGV[4], due) end
end
return due
