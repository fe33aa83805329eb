-- Returns those of the given commands that the user may not run; where that is none, writes as the program does. KEYS: key to
-- write, key to ask about. ARGV: channel to ask about, then commands. Asking about a command does not run it.
local denied = {}
for at = 2, #ARGV do
  local name, subcommand = ARGV[at]:match('^(%u+) ?(%u*)$')
  local isOnChannel = name == 'PUBLISH' or name == 'SUBSCRIBE'
  local on = isOnChannel and ARGV[1] or KEYS[2]
  local first = subcommand ~= '' and subcommand or on
  if not redis.acl_check_cmd(name, first, on) then
    denied[#denied + 1] = ARGV[at] .. (isOnChannel and ' on ' .. on or '')
  end
end
if #denied == 0 then redis.call('SET', KEYS[1], '1', 'EX', 60) end
return denied
