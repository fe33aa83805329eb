import { expect, test } from '@jest/globals'
import { run } from '#deploy/machine/run'
import { fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { startWatched } from '#test/real/sentinel'
import { atEnd, openFlow } from './house.ts'
import { until } from './until.ts'

test('the primary Redis dies during a run: its Sentinel names another, the run’s ending is told, and new commands are run', async () => {
  const watched = await startWatched()
  atEnd(watched.close)
  const before = await watched.primaryPort()
  const cluster = fakeCluster('dev', {
    ping: () => [{ out: 'one\n' }, { pause: 2_000 }, { out: 'two\n' }],
    dig: () => [{ out: 'answer\n' }],
  })
  const { people, shows } = await openFlow({ redis: watched.url, cluster: 'name: dev', openCluster: () => cluster })
  await people.command('U0ALICE', 'shell node001 ping 10.0.0.1')
  await shows(/Running/)
  // Redis hands on what it is told a moment after it has answered: what is lost with it is another matter.
  await until('the replica has all', async () => {
    const said = await run('redis-cli', ['-u', watched.primary.url, 'info', 'replication'])
    const [, sent = '', had = ''] = /offset=(\d+),lag[\s\S]*master_repl_offset:(\d+)/.exec(said) ?? []
    return sent !== '' && sent === had
  })
  await watched.primary.stop('SIGKILL')
  await until('another is named', async () => (await watched.primaryPort()) !== before, 30)
  expect(shown(await shows(/Done, exit code 0/, 60))).toContain('one\ntwo')
  await people.command('U0ALICE', 'shell node001 dig example.com')
  expect(shown(await shows(/Done, exit code 0[\s\S]*dig example\.com|dig example\.com[\s\S]*Done/, 30))).toContain(
    'answer',
  )
}, 120_000)
