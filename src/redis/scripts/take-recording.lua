-- Sets a recording's writer, where there is a recording. KEYS: state. ARGV: writer. Returns its checkpoint.
local checkpoint = redis.call('HGET', KEYS[1], 'checkpoint')
if checkpoint then redis.call('HSET', KEYS[1], 'writer', ARGV[1]) end
return checkpoint
