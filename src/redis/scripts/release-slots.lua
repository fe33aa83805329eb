-- Frees a run's slots and returns the runs whose turn has come. KEYS: slots of the node and of the cluster, their
-- waiting lists. ARGV: run, limit per node, limit per cluster.
-- include slots
local due = {}
for at = 1, 2 do
  redis.call('ZREM', KEYS[at], ARGV[1])
  if redis.call('EXISTS', KEYS[2 + at]) == 1 then heads(KEYS[at], KEYS[2 + at], ARGV[1 + at], due) end
end
return due
