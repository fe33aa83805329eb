// Each is one step for Redis, so that two bots can't both do it.

/**
 * KEYS: claim, command, lease, all commands, press (or the claim again). ARGV: id, holder, text, seconds of the claim, milliseconds
 * of the lease, seconds of the press.
 */
export const storeScript = `
if redis.call('HGET', KEYS[2], 'holder') == ARGV[2] then return 'kept' end
if redis.call('EXISTS', KEYS[1]) + redis.call('EXISTS', KEYS[5]) > 0 then return 'duplicate' end
redis.call('SET', KEYS[1], '1', 'EX', ARGV[4])
if KEYS[5] ~= KEYS[1] then redis.call('SET', KEYS[5], '1', 'EX', ARGV[6]) end
redis.call('HSET', KEYS[2], 'text', ARGV[3], 'holder', ARGV[2], 'unsure', '1')
redis.call('EXPIRE', KEYS[2], ARGV[4])
redis.call('SET', KEYS[3], '1', 'PX', ARGV[5])
redis.call('SADD', KEYS[4], ARGV[1])
return 'kept'
`

/** KEYS: command. ARGV: holder. Deleting needs no room, so a full Redis does it too. */
export const acceptScript = `
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'unsure')
return 1
`

/** KEYS: claim, command, lease, all commands. ARGV: id, holder, seconds of the claim. The claim stays: it was told that it isn't run. */
export const abandonScript = `
if redis.call('HGET', KEYS[2], 'holder') == ARGV[2] and redis.call('HEXISTS', KEYS[2], 'unsure') == 1 then
  redis.call('DEL', KEYS[2], KEYS[3])
  redis.call('SREM', KEYS[4], ARGV[1])
end
redis.pcall('SET', KEYS[1], '1', 'EX', ARGV[3], 'NX')
return 1
`

/** KEYS: all commands. ARGV: holder, milliseconds of the lease, how many, prefixes of commands and leases. Answers ids with their fields. */
export const takeOverScript = `
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
`

/**
 * ARGV: milliseconds of the lease, prefixes of commands and leases, then ids with their holders. Answers for each whether it is still
 * theirs. A lease that lives is renewed by a full Redis too.
 */
export const renewScript = `
local answers = {}
for at = 4, #ARGV, 2 do
  local mine = redis.call('HGET', ARGV[2] .. ARGV[at], 'holder') == ARGV[at + 1]
  local lease = ARGV[3] .. ARGV[at]
  if mine and redis.call('PEXPIRE', lease, ARGV[1]) == 0 then redis.pcall('SET', lease, '1', 'PX', ARGV[1]) end
  answers[#answers + 1] = mine and 1 or 0
end
return answers
`

/** KEYS: command. ARGV: holder, field, text. */
export const saveStepScript = `
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 1
`

/** KEYS: command, lease, all commands. ARGV: id, holder. */
export const ackScript = `
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('SREM', KEYS[3], ARGV[1])
return 1
`

/** KEYS: command, lease. ARGV: holder. */
export const releaseScript = `
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1
`
