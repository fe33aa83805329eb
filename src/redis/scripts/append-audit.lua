-- Appends entries only if the head is still the one they were made for. KEYS: head, stream, id of the last batch. ARGV:
-- expected head, new head, batch id, seconds, entries. Returns whether the entries are in the stream, and the current
-- head. A batch whose answer was lost is sent again and recognized by its id: other processes may have appended since.
local head = redis.call('GET', KEYS[1]) or ''
if redis.call('GET', KEYS[3]) == ARGV[3] then return {1, head} end
if head ~= ARGV[1] then return {0, head} end
for at = 5, #ARGV do redis.call('XADD', KEYS[2], '*', 'entry', ARGV[at]) end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('SET', KEYS[3], ARGV[3], 'EX', ARGV[4])
return {1, ARGV[2]}
