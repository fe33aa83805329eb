import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import type { Log } from '#core/ports/log'
import { clusterFlags, startRedis } from '#dev/machine/redis'
import { waitUntilUsable, whyUnusable } from '#src/redis/check-server-role-and-rights'
import { redisHealth } from '#src/redis/health'
import { neededCommands } from '#src/redis/needed-commands'
import { useRedis } from '#test/environment/redis'
import { waitUntil } from '#test/flow/wait-for'
import { silentLog } from '#test/samples/run'

const redis = useRedis()

/** Returns a log that collects messages of errors. */
const collect = (messages: string[]): Log => {
  const error = (_details: object, message: string) => void messages.push(message)
  return { ...silentLog, error }
}
const closing: (() => unknown)[] = []
beforeEach(redis.empty)
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

function open(url: string): Redis {
  const client = new Redis(url, { maxRetriesPerRequest: null, enableReadyCheck: false })
  client.on('error', () => undefined)
  closing.push(() => client.disconnect())
  return client
}

/** Creates the user `bot` with these rules. Resolves with a client that is that user. */
async function openAs(...rules: string[]): Promise<Redis> {
  const admin = open(redis.url())
  await admin.acl('SETUSER', 'bot', 'reset', 'on', '>secret', ...rules)
  closing.push(() => admin.acl('DELUSER', 'bot'))
  return open(redis.url().replace('redis://', 'redis://bot:secret@'))
}

test('a single Redis can be used', async () => {
  const client = open(redis.url())
  expect(await whyUnusable(client)).toBeUndefined()
  expect(await redisHealth(client)).toBeUndefined()
})

test('a Redis Cluster is named', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'retina-redis-cluster-'))
  closing.push(() => rmSync(folder, { recursive: true, force: true }))
  const server = await startRedis({ folder, flags: await clusterFlags() })
  closing.push(() => server.stop('SIGKILL'))
  await expect(redisHealth(open(server.url))).rejects.toThrow(/it is a Redis Cluster.*Sentinels in REDIS_URL/)
})

test('a replica is named with its primary; once it is the primary, the wait ends', async () => {
  const client = open(redis.url())
  await client.replicaof('127.0.0.1', '1')
  closing.push(() => client.replicaof('NO', 'ONE'))
  await expect(redisHealth(client)).rejects.toThrow('it is a replica of 127.0.0.1:1 and refuses writes')
  const logs: string[] = []
  const waiting = waitUntilUsable(client, collect(logs), { redisRetryMs: 5 })
  await waitUntil('the replica is logged', () => logs.some((line) => line.includes('it is a replica of 127.0.0.1:1')))
  await client.replicaof('NO', 'ONE')
  await waiting
  expect(logs).toHaveLength(1)
})

test.each<[string, string[], RegExp]>([
  ['no scripts', ['~*', '&*', '+@all', '-eval', '-evalsha'], /lacks the command EVAL/],
  [
    'no writing',
    ['~*', '&*', '+@read', '+@scripting', '+@connection', '+info'],
    /lacks the commands APPEND, DEL, .*HSET/,
  ],
  ['other keys', ['~other:*', '&*', '+@all'], /lacks the keys retina:\*/],
  [
    'other channels',
    ['~*', 'resetchannels', '&other', '+@all'],
    /lacks the commands PUBLISH on retina:cancel, SUBSCRIBE on retina:cancel;/,
  ],
  ['no streams', ['~*', '&*', '+@all', '-@stream'], /lacks the commands XADD, XDEL, .*XTRIM;/],
  ['no INFO', ['~*', '&*', '+@all', '-info'], /lacks the commands INFO;/],
])('a user with %s is named with what it lacks and how to give it', async (_what, rules, lacks) => {
  const client = await openAs(...rules)
  await expect(redisHealth(client)).rejects.toThrow(lacks)
  await expect(redisHealth(client)).rejects.toThrow(/its user bot has too few rights.*ACL SETUSER bot ~retina:\*/)
})

test('a user with the rights that are advised can be used', async () => {
  const why = await whyUnusable(await openAs('~other'))
  const [, rules = ''] = /ACL SETUSER bot (.*)$/.exec(why ?? '') ?? []
  expect(await whyUnusable(await openAs(...rules.split(' ')))).toBeUndefined()
})

test('what is checked are the commands of all scripts, the program’s and BullMQ’s', () => {
  const ours = join(import.meta.dirname, '../../src/redis/scripts')
  const theirs = join(dirname(createRequire(import.meta.url).resolve('bullmq')), 'scripts')
  const used = [ours, theirs].flatMap((folder) =>
    readdirSync(folder).flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8')
      return [...text.matchAll(/(?:redis\.p?call|rcall)\(\s*["']([A-Za-z]+)["']/g)].map(([, name = '']) =>
        name.toUpperCase(),
      )
    }),
  )
  expect(used.length).toBeGreaterThan(100)
  expect([...new Set(used)].filter((name) => !neededCommands.includes(name))).toEqual([])
})
