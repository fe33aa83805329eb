import { expect, test } from '@jest/globals'
import { judgeRedis } from '#src/redis/doctor'
import { parseInfo } from '#src/redis/info'

const healthy = {
  redis_version: '7.2.4',
  role: 'master',
  redis_mode: 'standalone',
  aof_enabled: '1',
  aof_last_write_status: 'ok',
  maxmemory: '0',
  maxmemory_policy: 'noeviction',
  used_memory: '1000000',
}

function judge(change: Record<string, string | undefined>, save: string | undefined = '') {
  const fields = Object.entries({ ...healthy, ...change }).flatMap(([name, value]) =>
    value === undefined ? [] : `${name}:${value}`,
  )
  const findings = judgeRedis(parseInfo(`# Server\r\n${fields.join('\r\n')}\r\n`), save)
  return findings.filter(({ state }) => state !== 'ok').map(({ check, state }) => `${check} ${state}`)
}

test('a Redis with all that is needed', () => {
  expect(judge({})).toEqual([])
})

test.each([
  ['too old', { redis_version: '6.2.14' }, ['Redis version failed']],
  ['without a version', { redis_version: undefined }, ['Redis version not-checked']],
  ['a replica', { role: 'slave', master_host: 'a', master_port: '1' }, ['Redis role failed']],
  ['a Cluster', { redis_mode: 'cluster' }, ['Redis Cluster failed']],
  ['a Cluster of one', { cluster_enabled: '1' }, ['Redis Cluster failed']],
  ['whose append-only file can’t be written', { aof_last_write_status: 'err' }, ['Redis persistence failed']],
  ['whose snapshot failed', { rdb_last_bgsave_status: 'err' }, ['Redis persistence failed']],
  ['with eviction', { maxmemory_policy: 'volatile-lru' }, ['Redis eviction failed']],
  ['that is filling up', { maxmemory: '1200000' }, ['Redis memory warning']],
  ['that is full', { maxmemory: '1000000' }, ['Redis memory failed']],
  [
    'that says little',
    { aof_enabled: undefined, maxmemory_policy: undefined, maxmemory: undefined },
    ['Redis persistence not-checked', 'Redis eviction not-checked', 'Redis memory not-checked'],
  ],
])('a Redis %s', (_name, change, expected) => {
  expect(judge(change)).toEqual(expected)
})

test('snapshots alone are a warning, nothing at all is a failure, and what may not be read is not known', () => {
  expect(judge({ aof_enabled: '0' }, '3600 1')).toEqual(['Redis persistence warning'])
  expect(judge({ aof_enabled: '0' }, '')).toEqual(['Redis persistence failed'])
  const findings = judgeRedis(parseInfo('aof_enabled:0\n'), undefined)
  expect(findings.find(({ check }) => check === 'Redis persistence')?.state).toBe('not-checked')
})
