import { expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { startSentinel } from '#test/environment/sentinel'
import { fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { silentLog } from '#test/samples/run'
import { atEnd, openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

test('the primary Redis dies during a run: Sentinel names another, the run’s result is delivered, and new commands are run', async () => {
  const watched = await startSentinel()
  atEnd(watched.close)
  const before = await watched.primaryPort()
  const { promise: goOn, resolve: endPing } = Promise.withResolvers<void>()
  const cluster = fakeCluster('dev', {
    ping: () => [{ out: 'one\n' }, { until: goOn }, { out: 'two\n' }],
    dig: () => [{ out: 'answer\n' }],
  })
  const { people, shows } = await openApp({ redis: watched.url, cluster: 'name: dev', openCluster: () => cluster })
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  await shows(/Running/)
  // Redis replicates a write shortly after it has answered; writes lost with the primary aren't the subject here.
  const connection = connectRedis(watched.primary.url, silentLog)
  atEnd(async () => connection.disconnect())
  await connection.set('last', 'write')
  await connection.wait(1, 20_000)
  await watched.primary.stop('SIGKILL')
  endPing()
  await waitUntil('another is named', async () => (await watched.primaryPort()) !== before)
  expect(shown(await shows(/Done, exit code 0/))).toContain('one\ntwo')
  await people.command('U0ALICE', 'shell node001 dig example.com')
  expect(shown(await shows(/Done, exit code 0[\s\S]*dig example\.com|dig example\.com[\s\S]*Done/))).toContain('answer')
})
