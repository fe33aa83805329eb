import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { freePort } from '#dev/machine/free-port'
import { type Prometheus, startPrometheus } from '#test/environment/prometheus'
import { useRedis } from '#test/environment/redis'
import { fakeCluster } from '#test/fakes/cluster'
import { fakeTerminal } from '#test/fakes/fake-terminal'
import { type App, openApp } from './app.ts'
import { waitUntil } from './wait-for.ts'

const files = join(import.meta.dirname, '../../deploy/helm/retina-chatops/files')
type Panel = { title: string; targets?: { expr: string }[] }
const { panels } = JSON.parse(readFileSync(join(files, 'dashboard.json'), 'utf8')) as { panels: Panel[] }

let app: App
let prometheus: Prometheus | undefined
let folder = ''
afterAll(async () => {
  await prometheus?.stop()
  await app.end()
  rmSync(folder, { recursive: true, force: true })
})
const redis = useRedis()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retina-prometheus-'))
  const openCluster = () => fakeCluster('dev', { dig: () => [{ out: 'an answer\n' }] })
  const [port, shells] = [await freePort(), fakeTerminal()]
  app = await openApp({
    ...{ redis: redis.url(), cluster: 'name: dev', openCluster, keep: true, port },
    more: `terminal: { url: 'http://localhost:${port}' }`,
    terminals: { shells, containers: shells },
  })
  const target = new URL(app.health).host
  copyFileSync(join(files, 'alerts.yaml'), join(folder, 'alerts.yaml'))
  const scrape = `scrape_configs: [{ job_name: retina, static_configs: [{ targets: ['${target}'] }] }]`
  const config = `global: { scrape_interval: 200ms, evaluation_interval: 200ms }\nrule_files: [alerts.yaml]\n${scrape}\n`
  writeFileSync(join(folder, 'prometheus.yml'), config)
  prometheus = await startPrometheus(folder)
})

/** Values that the dashboard shows only where something is configured that this program doesn't have. */
const absentHere = ['certificate_expiry', 'redis_memory_limit_bytes) > 0']

test('a Prometheus that scrapes the program has a value for every query of the dashboard, and no alert fires', async () => {
  await app.people.command('U0ALICE', 'shell node001 dig example.com')
  await app.shows(/Done, exit code 0/)
  const queries = panels
    .flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))
    .map((expr) => expr.replaceAll('$__rate_interval', '1m').replaceAll('$__range', '1h'))
  const queryOf = async (expr: string, at: number) => (await prometheus?.query(expr, at)) ?? []
  const isExpected = (expr: string) => !absentHere.some((each) => expr.includes(each))
  const expected = queries.filter(isExpected)
  // All queries are of one instant: a scrape that fails because this process was busy has no values until the next one.
  let at = 0
  let missing: string[] = []
  const isComplete = async () => {
    at = Date.now() / 1_000
    const runs = Number((await queryOf('sum(retina_chatops_run_seconds_count)', at))[0]?.value[1])
    const empty = async (expr: string) => ((await queryOf(expr, at)).length === 0 ? [expr] : [])
    missing = [...(runs === 1 ? [] : ['the run']), ...(await Promise.all(expected.map(empty))).flat()]
    return missing.length === 0
  }
  await waitUntil('every query has a value', isComplete, { instead: () => missing.join('\n') })
  expect(queries.length).toBeGreaterThan(15)
  expect(await queryOf('sum(retina_chatops_open{role="all"})', at)).toHaveLength(1)
  expect(await queryOf('ALERTS{alertstate="firing"}', at)).toEqual([])
})
