-- Renews leases. ARGV: ms of the lease, key prefix of commands, key prefix of leases, then ids, each with its holder.
-- Returns 1 for each id whose holder still has the command, else 0. A lease that hasn't expired is renewed by a full
-- Redis too.
local answers = {}
for at = 4, #ARGV, 2 do
  local mine = redis.call('HGET', ARGV[2] .. ARGV[at], 'holder') == ARGV[at + 1]
  local lease = ARGV[3] .. ARGV[at]
  if mine and redis.call('PEXPIRE', lease, ARGV[1]) == 0 then redis.pcall('SET', lease, '1', 'PX', ARGV[1]) end
  answers[#answers + 1] = mine and 1 or 0
end
return answers
