import { expect, test } from '@jest/globals'
import { connectRedis } from '#src/redis/connection'
import { useRedis } from '#test/environment/redis'
import { openStore } from '#test/environment/store'
import { fakeCluster } from '#test/fakes/cluster'
import { buttonsOf, shown } from '#test/fakes/slack/shown'
import type { SlackMessage } from '#test/fakes/slack/state'
import { silentLog } from '#test/samples/run'
import { atEnd, openApp } from './app.ts'
import { auditRecords } from './audit-log.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

const policy = `
capabilitySets: { asked: { tools: [dig], approval: { from: ['group:leads'] } } }
groups: { leads: [bob@example.com] }
grants: [{ to: [alice@example.com], sets: [asked], on: [{ nodes: '*' }] }]`

const asked = (name: string) => new RegExp(`Needs approval.*${name}\\.example`)

test('messages of requests that end while the chat accepts no edits are updated later, and each end is recorded once', async () => {
  await redis.empty()
  const cluster = fakeCluster('dev', {})
  const timing = { settleMs: 500, undeliveredSeenMs: 300, sweepIntervalMs: 200 }
  const flow = await openApp({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy, timing })
  const { people, slack, shows } = flow
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  const store = openStore(connection)
  const [ids, messages] = [new Map<string, string>(), new Map<string, SlackMessage>()]
  for (const name of ['withdrawn', 'denied']) {
    await people.command('U0ALICE', `shell node001 dig ${name}.example`)
    const message = await shows(asked(name))
    messages.set(name, message)
    ids.set(name, buttonsOf(message)['approve'] ?? '')
    await waitUntil('the request is stored', async () => (await store.run(ids.get(name) ?? ''))?.state === 'asking')
  }
  const run = (name: string) => store.run(ids.get(name) ?? '')
  slack.misbehave((method) => (method === 'chat.update' ? 'html' : undefined))
  await people.command('U0ALICE', `cancel ${ids.get('withdrawn')}`)
  await people.command('U0BOB', `deny ${ids.get('denied')}`)
  for (const [name, message] of messages) {
    await waitUntil('it has ended', async () => (await run(name))?.end !== undefined)
    expect(shown(message)).toMatch(asked(name))
    expect((await run(name))?.toldAt).toBeUndefined()
  }
  slack.misbehave(undefined)
  await shows(/Withdrawn.*withdrawn\.example/)
  await shows(/Denied.*denied\.example/)
  for (const name of messages.keys())
    await waitUntil('the delivery is stored', async () => (await run(name))?.toldAt !== undefined)
  // The audit log has the denial as a review.
  expect((await auditRecords(connection, 'ended')).map((record) => record.run)).toEqual([ids.get('withdrawn')])
})
