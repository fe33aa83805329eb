import { afterEach, expect, test } from '@jest/globals'
import { type Check, healthServer } from '#src/app/health'
import { createMetrics } from '#src/app/metrics'
import { silentLog } from '#test/samples/run'

let close: () => Promise<void> = async () => undefined
afterEach(() => close())

async function open(checks: readonly Check[], problem?: () => string | undefined, readinessCacheMs = 60_000) {
  const timing = { httpCloseMs: 100, readinessCacheMs }
  const health = healthServer({
    checks,
    metrics: createMetrics(),
    ...(problem === undefined ? {} : { problem }),
    log: silentLog,
    timing,
  })
  close = health.close
  const port = await health.listen('127.0.0.1', 0)
  return { health, get: (path: string) => fetch(`http://127.0.0.1:${port}${path}`) }
}

test('T42 many questions for readiness ask Slack and the clusters once', async () => {
  let asked = 0
  const { promise, resolve } = Promise.withResolvers<true>()
  const { get } = await open([
    {
      name: 'slack',
      check: () => {
        asked += 1
        return promise
      },
    },
  ])
  const together = Array.from({ length: 20 }, () => get('/readyz'))
  await new Promise((done) => setTimeout(done, 100))
  resolve(true)
  for (const answer of await Promise.all(together))
    expect([answer.status, await answer.text()]).toEqual([200, 'ok slack\n'])
  for (let time = 0; time < 20; time += 1) expect((await get('/readyz')).status).toBe(200)
  expect(asked).toBe(1)
})

test('readiness is asked again when its answer is old; what is missing is named', async () => {
  let isThere = false
  const check = async () => {
    if (!isThere) throw new Error('no answer')
    return true
  }
  const { get } = await open(
    [
      { name: 'Redis', check },
      { name: 'cluster dev', check: async () => 'is fine' },
    ],
    undefined,
    0,
  )
  const away = await get('/readyz')
  expect([away.status, await away.text()]).toEqual([503, 'NOT READY Redis: no answer\nok cluster dev: is fine\n'])
  isThere = true
  expect((await get('/readyz')).status).toBe(200)
})

test('it is open when that is said, and healthy while nothing is wrong', async () => {
  let problem: string | undefined
  const { health, get } = await open([], () => problem)
  expect((await get('/openz')).status).toBe(503)
  health.opened()
  expect((await get('/openz')).status).toBe(200)
  expect((await get('/healthz')).status).toBe(200)
  problem = 'planted'
  const sick = await get('/healthz')
  expect([sick.status, await sick.text()]).toEqual([503, 'NOT HEALTHY: planted\n'])
})

test('T42 it answers nothing else', async () => {
  const { get } = await open([])
  for (const path of ['/', '/healthz/', '/slack/events', '/readyz/x', '/metrics.json'])
    expect((await get(path)).status).toBe(404)
})
