-- Renews a run's slots even if they have expired: an active run retains them, however late its worker renews them.
-- KEYS: slots of the node and of the cluster. ARGV: run, lease (ms).
-- include slots
for at = 1, 2 do
  redis.call('ZADD', KEYS[at], now + ARGV[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[at], ARGV[2] * 2)
end
