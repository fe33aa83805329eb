-- Adds a run. KEYS: run, open runs, runs of the person. ARGV: text, seconds, id and, for the person's list, time (ms
-- since 1970) and maximum length; without these two the run isn't listed there. Returns 0 where the run exists already,
-- else 1.
if not redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2], 'NX') then return 0 end
redis.call('SADD', KEYS[2], ARGV[3])
if ARGV[4] then
  redis.call('ZADD', KEYS[3], ARGV[4], ARGV[3])
  redis.call('ZREMRANGEBYRANK', KEYS[3], 0, -ARGV[5] - 1)
  redis.call('EXPIRE', KEYS[3], ARGV[2])
end
return 1
