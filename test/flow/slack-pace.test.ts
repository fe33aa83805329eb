import { expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
import { fakeCluster } from '#test/fakes/cluster'
import { silentLog } from '#test/samples/run'
import { atEnd, openApp } from './app.ts'

const redis = useRedis()

// Has a file of its own: Slack's real rate limit makes it wait for a quarter of a minute, while other files use the processors.
test('twenty commands at once in one channel, where Slack accepts one message a second: each is run and gets its reply', async () => {
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] })
  // What is tested is the pace of replies: a busy machine may take more than 3 s for twenty requests at once.
  const options = { cluster: 'name: dev', openCluster: () => cluster, ackSeconds: 30 }
  const { people, shows } = await openApp({ redis: redis.url(), ...options })
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const store = openStore(connection)
  const many = Array.from({ length: 20 }, (_each, at) =>
    people.command('U0ALICE', `shell node001 dig host${at}.example`),
  )
  await Promise.all(many)
  await shows(/host19\.example/)
  for (let at = 0; at < 20; at++) await shows(new RegExp(`Done, exit code 0.*host${at}\\.example`))
  expect(cluster.launched).toHaveLength(20)
  expect((await store.runsOf('alice@example.com', 100)).every(({ state }) => state === 'ended')).toBe(true)
})
