import { expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { silentLog } from '#test/samples/run'
import { atEnd, openApp } from './app.ts'
import { auditRecords } from './audit-log.ts'

const redis = useRedis()
const secret = 'hunter2hunter2'

test('T25 a secret in a command reaches the tool, and no message, audit record or ended run', async () => {
  await redis.empty()
  const cluster = fakeCluster('dev', { curl: () => [{ out: 'answer\n' }] })
  const { people, shows, slack } = await openApp({
    redis: redis.url(),
    cluster: 'name: dev',
    openCluster: () => cluster,
  })
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  await people.command('U0ALICE', `shell node001 curl -u bob:${secret} http://a.example`)
  await shows(/Done, exit code 0/)
  expect(JSON.stringify(cluster.launched)).toContain(secret)
  expect(JSON.stringify(slack.state.messages)).toContain('bob:[redacted: password]')
  expect(JSON.stringify(slack.state)).not.toContain(secret)
  const records = await auditRecords(connection)
  expect(records.map(({ details }) => details['command']).join()).toContain('bob:[redacted: password]')
  expect(JSON.stringify(records)).not.toContain(secret)
  const [runKey = ''] = await connection.keys('retina:run:*')
  expect(await connection.get(runKey)).toContain('[redacted: password]')
  expect(await connection.get(runKey)).not.toContain(secret)
})
