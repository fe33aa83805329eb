import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { redisAuditLog } from '#src/redis/store/audit-log'
import { cliHere } from '#test/cli/run-cli'
import { startRecordedRedis } from '#test/environment/recorded'
import { fakeCluster } from '#test/fakes/cluster'
import { startFakeSlack } from '#test/fakes/slack/server'
import { buttonsOf, shown } from '#test/fakes/slack/shown'
import { newWorkspace, type SlackMessage } from '#test/fakes/slack/state'
import { silentLog } from '#test/samples/run'
import { atEnd, openApp } from './app.ts'
import { manyNodes } from './many-nodes.ts'
import { sealKey } from './settings.ts'
import { waitUntil } from './wait-for.ts'

const recorded = join(import.meta.dirname, '../fixtures/recorded/2026-11')
const read = (name: string) => readFileSync(join(recorded, name), 'utf8')

async function open() {
  const redis = await startRecordedRedis('2026-11')
  atEnd(() => redis.stop('SIGKILL'))
  const earlier = JSON.parse(read('messages.json')) as Omit<SlackMessage, 'replies'>[]
  const messages = earlier.map((message) => ({ ...message, replies: [] }))
  const slack = await startFakeSlack({ ...newWorkspace(), messages, unhurried: true })
  atEnd(slack.close)
  const answers = {
    dig: (argv: readonly string[]) => [{ out: `answer for ${argv[1]}\n` }],
    cat: (argv: readonly string[]) => [{ out: `content of ${argv[1]}\n` }],
  }
  const cluster = fakeCluster('dev', answers, manyNodes())
  const app = await openApp({
    ...{ redis: redis.url, slack, cluster: 'name: dev', openCluster: () => cluster, policy: read('policy.yaml') },
    more: 'limits: { perPerson: 1000, fanOut: { confirmAbove: 100 } }',
  })
  const connection = connectRedis(redis.url, silentLog)
  atEnd(async () => connection.disconnect())
  return { ...app, cluster, log: redisAuditLog(connection, sealKey) }
}

test('runs that an earlier version queued are executed, those of a fan-out too, and its audit chain is continued', async () => {
  const { shows, cluster, log } = await open()
  expect(shown(await shows(/Done, exit code 0.*waiting\.example/))).toContain('answer for waiting.example')
  // Their common message isn't updated any more: the earlier version stored it without a signature.
  await waitUntil('all have run', () => cluster.launched.length === 31)
  expect(await log.verify()).toEqual({ records: expect.any(Number) })
})

test('a request that an earlier version left awaiting approval is approved; its standing approval is asked for again', async () => {
  const { people, shows, cluster } = await open()
  const request = await shows(/Asks for approval: cat \/host\/asked /)
  expect(buttonsOf(request)['approve']).toMatch(/^[a-z2-7]{12}$/)
  await people.press('U0BOB', 'approve', request)
  expect(shown(await shows(/Done, exit code 0.*cat \/host\/asked/))).toContain('content of /host/asked')
  await people.command('U0ALICE', 'shell -w node001 cat /host/approved')
  await shows(/Queued|Running|Done, exit code 0.*cat \/host\/approved/)
  const again = 'cat /host/again'
  await people.command('U0ALICE', `shell -w node001 ${again}`)
  await shows(/Needs approval: cat \/host\/again/)
  expect(cluster.launched.filter(({ spec }) => spec.pipeline[0]?.[1] === '/host/again')).toEqual([])
})

test('output and requester that an earlier version recorded are shown', async () => {
  const { people, shows, slack } = await open()
  const done = await shows(/Done, exit code 0.*completed\.example/)
  const id = /([a-z2-7]{12})/.exec(buttonsOf(done)['rerun'] ?? '')?.[1] ?? ''
  slack.state.messages.splice(0)
  await people.command('U0ALICE', `show ${id}`)
  expect(shown(await shows(/completed\.example/))).toContain('answer for completed.example')
})

test('an earlier version’s retina.yaml is valid, and its policy tests pass', async () => {
  const checked = await cliHere(['config', 'check', join(recorded, 'retina.example.yaml')])
  expect([checked.code, checked.stderr]).toEqual([0, ''])
  const tested = await cliHere(['policy', 'test', join(recorded, 'policy-tests.example.yaml')])
  expect(tested.code).toBe(0)
  expect(tested.stdout).toMatch(/all/i)
})
