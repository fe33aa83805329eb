/**
 * Redis commands that the program's scripts, its calls and BullMQ's scripts run: a user that lacks one can't do the work. Those that
 * every script and connection needs (EVAL, SET) are shown by the check itself.
 */
export const neededCommands: readonly string[] = [
  ...['APPEND', 'DEL', 'EXISTS', 'EXPIRE', 'GET', 'GETDEL', 'GETEX', 'GETRANGE', 'INCR', 'INCRBY', 'MGET'],
  ...['PERSIST', 'PEXPIRE', 'PEXPIREAT', 'PTTL', 'RENAME', 'SCAN', 'SET', 'TTL', 'TYPE', 'UNLINK'],
  ...['HDEL', 'HEXISTS', 'HGET', 'HGETALL', 'HINCRBY', 'HLEN', 'HMGET', 'HMSET', 'HSET'],
  ...['LINDEX', 'LLEN', 'LPOP', 'LPOS', 'LPUSH', 'LRANGE', 'LREM', 'LSET', 'LTRIM', 'RPOP', 'RPOPLPUSH', 'RPUSH'],
  ...['SADD', 'SCARD', 'SISMEMBER', 'SMEMBERS', 'SREM'],
  ...['BZPOPMIN', 'ZADD', 'ZCARD', 'ZCOUNT', 'ZLEXCOUNT', 'ZPOPMIN', 'ZRANGE', 'ZRANGEBYLEX', 'ZRANGEBYSCORE', 'ZRANK'],
  ...['ZREM', 'ZREMRANGEBYRANK', 'ZREMRANGEBYSCORE', 'ZREVRANGE', 'ZREVRANGEBYSCORE', 'ZSCORE'],
  ...['XADD', 'XDEL', 'XLEN', 'XRANGE', 'XREAD', 'XREVRANGE', 'XTRIM'],
  ...['EVAL', 'EVALSHA', 'INFO', 'PING', 'PUBLISH', 'SUBSCRIBE', 'TIME', 'CLIENT LIST'],
]
