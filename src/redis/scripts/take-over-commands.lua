-- Takes over commands whose lease has expired. KEYS: all commands. ARGV: holder, ms of the lease, maximum number, key
-- prefix of commands, key prefix of leases. Returns ids with their fields.
local taken = {}
for _, id in ipairs(redis.call('SMEMBERS', KEYS[1])) do
  if #taken >= tonumber(ARGV[3]) then break end
  if redis.call('EXISTS', ARGV[5] .. id) == 0 then
    local command = ARGV[4] .. id
    if redis.call('EXISTS', command) == 0 then
      redis.call('SREM', KEYS[1], id)
    else
      redis.call('HSET', command, 'holder', ARGV[1])
      redis.call('SET', ARGV[5] .. id, '1', 'PX', ARGV[2])
      taken[#taken + 1] = { id, redis.call('HGETALL', command) }
    end
  end
end
return taken
