// Each script is atomic in Redis, so that two bots can't both do the same step.

/**
 * Stores a command that is not accepted yet (`unsure`). KEYS: claim, command, lease, all commands, claim of the button
 * press (or the command's claim again). ARGV: id, holder, text, seconds of the claim, ms of the lease, seconds of the
 * press. Returns `kept` or `duplicate`.
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

/**
 * Accepts a stored command. KEYS: command. ARGV: holder. Returns 0 where another holder has the command. Deletes a
 * field only, which needs no memory, so that a full Redis does it too.
 */
export const acceptScript = `
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HDEL', KEYS[1], 'unsure')
return 1
`

/**
 * Removes a command that was not accepted. KEYS: claim, command, lease, all commands. ARGV: id, holder, seconds of the
 * claim. Leaves or sets the claim, because the reply was that the command isn't run.
 */
export const abandonScript = `
if redis.call('HGET', KEYS[2], 'holder') == ARGV[2] and redis.call('HEXISTS', KEYS[2], 'unsure') == 1 then
  redis.call('DEL', KEYS[2], KEYS[3])
  redis.call('SREM', KEYS[4], ARGV[1])
end
redis.pcall('SET', KEYS[1], '1', 'EX', ARGV[3], 'NX')
return 1
`

/**
 * Takes over commands whose lease has expired. KEYS: all commands. ARGV: holder, ms of the lease, maximum number, key
 * prefix of commands, key prefix of leases. Returns ids with their fields.
 */
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
 * Renews leases. ARGV: ms of the lease, key prefix of commands, key prefix of leases, then ids, each with its holder.
 * Returns 1 for each id whose holder still has the command, else 0. A lease that hasn't expired is renewed by a full
 * Redis too.
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

/**
 * Saves a step of a command. KEYS: command. ARGV: holder, field, text. Returns 0 where another holder has the command.
 */
export const saveStepScript = `
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], ARGV[2], ARGV[3])
return 1
`

/**
 * Deletes a completed command. KEYS: command, lease, all commands. ARGV: id, holder. Returns 0 where another holder has
 * it.
 */
export const ackScript = `
if redis.call('HGET', KEYS[1], 'holder') ~= ARGV[2] then return 0 end
redis.call('DEL', KEYS[1], KEYS[2])
redis.call('SREM', KEYS[3], ARGV[1])
return 1
`

/** Ends a lease, so that another bot can take over at once. KEYS: command, lease. ARGV: holder. */
export const releaseScript = `
if redis.call('HGET', KEYS[1], 'holder') == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1
`
