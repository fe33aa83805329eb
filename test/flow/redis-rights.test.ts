import { test } from '@jest/globals'
import { Redis } from 'ioredis'
import { freePort } from '#dev/machine/free-port'
import { whyUnusable } from '#src/redis/check-server-role-and-rights'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { atEnd, openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const redis = useRedis()

function open(url: string, health: number, logs: string[] = []) {
  const cluster = fakeCluster('dev', { dig: () => [{ out: 'answer\n' }] })
  return openApp({ redis: url, cluster: 'name: dev', openCluster: () => cluster, health, logs })
}

/** Returns a client with all rights. */
function adminOf(): Redis {
  const admin = new Redis(redis.url())
  atEnd(async () => admin.disconnect())
  return admin
}

async function readiness(port: number): Promise<string> {
  return fetch(`http://127.0.0.1:${port}/readyz`).then(
    async (answer) => `${answer.status} ${await answer.text()}`,
    () => '',
  )
}

test('started on a replica: the log and /readyz name it; the program starts once it is a primary', async () => {
  const [admin, port] = [adminOf(), await freePort()]
  await admin.replicaof('127.0.0.1', '1')
  const logs: string[] = []
  const opening = open(redis.url(), port, logs)
  const why = 'it is a replica of 127.0.0.1:1 and refuses writes'
  await waitUntil('the log names it', () => logs.some((line) => line.includes(`Redis can't be used: ${why}`)))
  await waitUntil('/readyz names it', async () => (await readiness(port)).startsWith(`503 NOT READY Redis: ${why}`))
  await admin.replicaof('NO', 'ONE')
  const { people, shows } = await opening
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/exit code 0/)
})

test('a user of Redis with too few rights is named, and has enough with those that are advised', async () => {
  const [admin, port] = [adminOf(), await freePort()]
  await admin.acl('SETUSER', 'bot', 'reset', 'on', '>secret', '~retina:*', '&*', '+@all', '-@stream')
  const url = redis.url().replace('redis://', 'redis://bot:secret@')
  const logs: string[] = []
  const opening = open(url, port, logs)
  const names = /Redis.* user bot has too few rights: it lacks the commands XADD, /
  await waitUntil('the log names it', () => logs.some((line) => names.test(line)))
  await waitUntil('/readyz names it', async () => names.test(await readiness(port)))
  const bot = new Redis(url)
  atEnd(async () => bot.disconnect())
  const advised = /ACL SETUSER bot (.*)$/.exec((await whyUnusable(bot)) ?? '')?.[1]?.split(' ') ?? []
  await admin.acl('SETUSER', 'bot', 'reset', 'on', '>secret', ...advised)
  const { people, shows } = await opening
  await people.command('U0ALICE', 'shell node001 dig example.com')
  await shows(/exit code 0/)
  await waitUntil('it is ready', async () => (await readiness(port)).startsWith('200 ok Redis\n'))
})
