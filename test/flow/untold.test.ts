import { expect, test } from '@jest/globals'
import { connectRedis } from '#src/queue/redis'
import { redisStore } from '#src/store/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { shown } from '#test/fakes/slack/shown'
import { useRedis } from '#test/real/redis'
import { silentLog } from '#test/samples/run'
import { atEnd, openFlow } from './house.ts'
import { onRecord } from './on-record.ts'
import { until } from './until.ts'

const redis = useRedis()

const policy = `
capabilitySets: { asked: { tools: [dig], approval: { from: ['group:leads'] } } }
groups: { leads: [bob@example.com] }
grants: [{ to: [alice@example.com], sets: [asked], on: [{ nodes: '*' }] }]`

/** The program with one request that waits, and a chat that takes no edit until it is told to. */
async function open() {
  await redis.empty()
  const cluster = fakeCluster('dev', {})
  const flow = await openFlow({ redis: redis.url(), cluster: 'name: dev', openCluster: () => cluster, policy })
  const connection = connectRedis(redis.url(), silentLog)
  atEnd(async () => connection.disconnect())
  await flow.people.command('U0ALICE', 'shell node001 dig example.com')
  const message = await flow.shows(/Asks for approval/)
  const store = redisStore(connection)
  const run = async () => (await store.runsOf('alice@example.com', 1))[0]
  await until('the request is kept', async () => (await run())?.state === 'asking')
  flow.slack.misbehave((method) => (method === 'chat.update' ? 'html' : undefined))
  const endings = () => onRecord(connection, 'ended')
  return { ...flow, message, run, endings }
}

test.each([
  { how: 'withdrawn', who: 'U0ALICE', verb: 'cancel', words: /Withdrawn/, records: 1 },
  { how: 'denied', who: 'U0BOB', verb: 'deny', words: /Denied/, records: 0 },
] as const)(
  'a request that is $how while the chat takes no edits says so when it does again',
  async (each) => {
    const { people, slack, shows, message, run, endings } = await open()
    await people.command(each.who, `${each.verb} ${(await run())?.id}`)
    await until('it has ended', async () => (await run())?.end !== undefined)
    expect(shown(message)).toContain('Asks for approval')
    expect((await run())?.toldAt).toBeUndefined()
    slack.misbehave(undefined)
    await shows(each.words, 60)
    await until('that is noted', async () => (await run())?.toldAt !== undefined)
    // A denial is on record as the review that it is.
    expect(await endings()).toHaveLength(each.records)
  },
  90_000,
)
