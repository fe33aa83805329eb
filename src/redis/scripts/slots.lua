-- All scripts use Redis' own time: a worker whose clock is wrong can't free another run's slot. Scores of slots are
-- their expiry times (ms since 1970); scores of waiting lists are the queue's priorities, followed by a running number
-- (lower 32 bits).
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function free(held, limit)
  redis.call('ZREMRANGEBYSCORE', held, '-inf', now)
  return tonumber(limit) - redis.call('ZCARD', held)
end
local function heads(held, line, limit, into)
  local some = free(held, limit)
  if some <= 0 then return end
  for _, run in ipairs(redis.call('ZRANGE', line, 0, some - 1)) do into[#into + 1] = run end
end
