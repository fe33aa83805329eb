import { expect, test } from '@jest/globals'
import { sentinelsOf } from '#src/redis/parse-sentinel-url'

test('addresses of Sentinels are parsed', () => {
  expect(sentinelsOf('redis+sentinel://10.0.0.1:26379,10.0.0.2:26380/mymaster')).toEqual({
    sentinels: [
      { host: '10.0.0.1', port: 26379 },
      { host: '10.0.0.2', port: 26380 },
    ],
    name: 'mymaster',
  })
  expect(sentinelsOf('redis+sentinel://bot:p%40ss@redis.example/primary/3')).toEqual({
    sentinels: [{ host: 'redis.example', port: 26379 }],
    name: 'primary',
    username: 'bot',
    password: 'p@ss',
    db: 3,
  })
  expect(sentinelsOf('redis+sentinel://:secret@one:1/primary')).toMatchObject({ password: 'secret' })
})

test.each(['redis://127.0.0.1:6379', 'rediss://u:p@host/1', 'redis+sentinel://one:1', 'redis+sentinel:///primary', ''])(
  'not an address of Sentinels: %s',
  (url) => {
    expect(sentinelsOf(url)).toBeUndefined()
  },
)
