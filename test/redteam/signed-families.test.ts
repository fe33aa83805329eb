import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Session } from '#core/sessions/session'
import { connectRedis } from '#src/redis/connection'
import { createSigner } from '#src/redis/hmac-signer'
import { redisInstallationId } from '#src/redis/installation-id'
import { keyFamilies } from '#src/redis/keys'
import { redisCancelBus } from '#src/redis/queue/cancel-bus'
import { redisArtifactStore } from '#src/redis/store/artifact-store'
import { redisEventStream } from '#src/redis/store/channel-event-stream'
import { redisRecordingLog } from '#src/redis/store/recording-write-ahead-log'
import { redisRunStore } from '#src/redis/store/run-store'
import { redisSessionStore } from '#src/redis/store/session-store'
import { useRedis } from '#test/environment/redis'
import { sampleRun, silentLog } from '#test/samples/run'

const redis = useRedis()
let connection: ReturnType<typeof connectRedis>
beforeAll(() => {
  connection = connectRedis(redis.url(), silentLog)
})
afterAll(() => connection.disconnect())

const secret = 'a secret of the installation'
const signer = createSigner('a key')
const session: Session = {
  ...{ namespace: 'n', pod: 'p', uid: 'u', container: 'c', cluster: 'dev', kind: 'node', run: 'r1' },
  until: '2026-12-01T00:00:00.000Z',
}
const checkpoint = {
  transcript: { lines: 0, bytes: 0, redacted: 0, unfinished: { stdout: '', stderr: '' }, inKey: false },
}

const ofRecording = {
  ...{ key: 'key', startedAt: '2026-11-28T00:00:00.000Z', expiresAt: '2099-01-01T00:00:00.000Z' },
  ...{ events: 0, sealed: 0, segments: 0, from: 0, upTo: 1, size: 0, hash: 'h' },
}
const artifact = {
  ...{ name: 'r1/1', mediaType: 'text/plain', sensitivity: 'normal' as const },
  ...{ createdAt: '2026-11-28T00:00:00.000Z', expiresAt: '2099-01-01T00:00:00.000Z' },
}

type Stores = {
  store: ReturnType<typeof redisRunStore>
  sessions: ReturnType<typeof redisSessionStore>
  cancel: ReturnType<typeof redisCancelBus>
  events: ReturnType<typeof redisEventStream>
  installation: () => Promise<string>
  recordings: ReturnType<typeof redisRecordingLog>
  artifacts: ReturnType<typeof redisArtifactStore>
}

/** What is written, the key (or its field) that an attacker changes, and what is read then: as if it weren't there. */
type Attempt = {
  what: string
  write: (stores: Stores) => Promise<unknown>
  key: string
  field?: string
  read: (stores: Stores) => Promise<unknown>
  answer: unknown
}

const firstEvent = async ({ events }: Stores) => {
  await events.append('web:incident', { text: 'genuine' })
  for await (const { entry } of events.read('web:incident', undefined, AbortSignal.timeout(2_000))) return entry
  return undefined
}

const attempts: readonly Attempt[] = [
  {
    ...{ what: 'a run', key: 'run:r1', answer: 'broken' },
    write: ({ store }) => store.addRun({ ...sampleRun(), id: 'r1' }),
    read: ({ store }) => store.run('r1'),
  },
  {
    ...{ what: 'a run that is changed', key: 'run:r2', answer: 'broken' },
    write: ({ store }) => store.addRun({ ...sampleRun(), id: 'r2' }),
    read: ({ store }) => store.changeRun('r2', (run) => ({ ...run, state: 'running' })),
  },
  {
    ...{ what: 'the checkpoint of an output', key: 'transcript:{r1}:state', field: 'checkpoint', answer: 'broken' },
    write: ({ store }) => store.appendTranscript('r1', { writer: 'w', size: 0, text: 'line\n', checkpoint }),
    read: ({ store }) => store.takeTranscript('r1', 'w2'),
  },
  {
    ...{ what: 'the size of an output', key: 'transcript:{r3}:state', field: 'size', answer: 'broken' },
    write: ({ store }) => store.appendTranscript('r3', { writer: 'w', size: 0, text: 'line\n', checkpoint }),
    read: ({ store }) => store.takeTranscript('r3', 'w2'),
  },
  {
    ...{ what: 'a value', key: 'value:thread-target:t', answer: 'broken' },
    write: ({ store }) => store.setValue('thread-target', 't', { kind: 'node', cluster: 'dev', name: 'node001' }),
    read: ({ store }) => store.getValue('thread-target', 't'),
  },
  {
    ...{ what: 'a field', key: 'values:outcomes:f', field: 'r1', answer: new Map([['r1', 'broken']]) },
    write: ({ store }) => store.setField('outcomes', 'f', 'r1', { reason: 'completed' }, 60),
    read: ({ store }) => store.fields('outcomes', 'f'),
  },
  {
    ...{ what: 'a session', key: 'session:k', answer: 'forged' },
    write: ({ sessions }) => sessions.save({ key: 'k', session }, 60),
    read: ({ sessions }) => sessions.find('k', 60),
  },
  {
    ...{ what: 'a session that is to be ended', key: 'sessions-ending', field: 'r1', answer: [] },
    write: ({ sessions }) => sessions.retire({ key: 'k', session }, { by: 'alice', why: 'asked for' }),
    read: ({ sessions }) => sessions.ending(),
  },
  {
    ...{ what: 'a cancellation', key: 'cancel:r1', answer: [] },
    write: ({ cancel }) => cancel.cancel('r1', 'Alice'),
    async read({ cancel }) {
      const heard: string[] = []
      await cancel.onCancel('r1', (by) => void heard.push(by))
      return heard
    },
  },
  {
    ...{ what: 'the id of the installation', key: 'installation', answer: 'refused' },
    write: ({ installation }) => installation(),
    read: () =>
      open([])
        .installation()
        .catch(() => 'refused'),
  },
  {
    ...{ what: 'where a recording is', key: 'recording:{r1}:state', field: 'checkpoint', answer: 'broken' },
    write: ({ recordings }) => recordings.appendEvents('r1', { writer: 'w', events: [], checkpoint: ofRecording }),
    read: ({ recordings }) => recordings.takeRecording('r1', 'w'),
  },
  {
    ...{ what: 'what describes an artifact', key: 'artifact:r1/1', field: 'about', answer: 'broken' },
    write: ({ artifacts }) => artifacts.put(artifact, Buffer.from('a segment')),
    read: ({ artifacts }) => artifacts.get('r1/1'),
  },
  {
    ...{ what: 'an artifact', key: 'artifact:r1/1', field: 'bytes', answer: 'broken' },
    write: ({ artifacts }) => artifacts.put(artifact, Buffer.from('a segment')),
    read: ({ artifacts }) => artifacts.get('r1/1'),
  },
  {
    ...{ what: 'a message of the web chat', key: 'events:web:incident', answer: { text: 'genuine' } },
    write: () => connection.xadd('retina:events:web:incident', '*', 'entry', 'x.{"text":"forged"}'),
    read: firstEvent,
  },
]

function open(reported: string[]): Stores {
  const report = (key: string) => void reported.push(key)
  return {
    store: redisRunStore(connection, { secret, now: Date.now, report }),
    sessions: redisSessionStore(connection, { signer, report }),
    cancel: redisCancelBus(connection, { signer, report }),
    events: redisEventStream(connection, { signer, report }),
    installation: redisInstallationId(connection, { signer, report }),
    recordings: redisRecordingLog(connection, { signer, report }),
    artifacts: redisArtifactStore(connection, {
      ...{ signer, report, now: Date.now },
      limit: async () => ({ most: undefined, isShort: false, freeBytes: undefined }),
    }),
  }
}

/** Changes the last digit or letter of a text. */
const change = (text: string) => text.replace(/[\w](?=\W*$)/, (char) => (char === '1' ? '2' : '1'))

test.each(attempts)('T44 $what that was changed in Redis is not used, and is reported', async (attempt) => {
  const { write, key, field, read, answer } = attempt
  await redis.empty()
  const reported: string[] = []
  const stores = open(reported)
  await write(stores)
  const name = `retina:${key}`
  if (field !== undefined) await connection.hset(name, field, change((await connection.hget(name, field)) ?? ''))
  else if ((await connection.type(name)) === 'string')
    await connection.set(name, change((await connection.get(name)) ?? ''), 'KEEPTTL')
  // Opened again, as another process sees it: nothing is in memory.
  const again = key === 'installation' ? { ...stores, installation: open(reported).installation } : open(reported)
  const seen = key === 'installation' ? await again.installation().catch(() => 'refused') : await read(again)
  expect(seen).toEqual(answer)
  expect(reported.filter((each) => each.startsWith(name))).not.toEqual([])
  await Promise.all([stores.cancel.close(), again.cancel.close()])
})

test('every family of signed keys has such a test, here or where its reader is tested', () => {
  const elsewhere = ['kept:passkeys:', 'command:', 'audit', 'audit-head']
  const tried = attempts.map(({ key }) => key)
  const untried = keyFamilies.filter(
    ({ pattern, signedBy }) =>
      signedBy !== 'nothing' &&
      !tried.some((key) => pattern.test(key)) &&
      !elsewhere.some((name) => pattern.source.includes(name.replace('{', '\\{'))),
  )
  // The segments of an output are covered by its checkpoint and by the run, the events of a recording by its checkpoint.
  expect(untried.map(({ holds }) => holds)).toEqual([
    'output; its hash is in the checkpoint',
    'encrypted events that are in no segment yet; the checkpoint has their hash',
  ])
})
