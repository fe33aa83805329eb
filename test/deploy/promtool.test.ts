import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { run } from '#dev/machine/run'
import { installPrometheus } from '#test/environment/prometheus'

const alerts = join(import.meta.dirname, '../../deploy/helm/retina-chatops/files/alerts.yaml')
const tests = join(import.meta.dirname, 'alerts/tests.yaml')

let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retina-alerts-'))
  await installPrometheus()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('promtool: each alert is silent while nothing is wrong, and fires with its text when it should', async () => {
  copyFileSync(alerts, join(folder, 'alerts.yaml'))
  copyFileSync(tests, join(folder, 'tests.yaml'))
  expect(await run('promtool', ['test', 'rules', join(folder, 'tests.yaml')])).toContain('SUCCESS')
  const text = readFileSync(tests, 'utf8')
  const { groups } = parse(readFileSync(alerts, 'utf8')) as { groups: { rules: { alert: string }[] }[] }
  const names = groups.flatMap(({ rules }) => rules.map(({ alert }) => alert))
  expect(names).toHaveLength(10)
  for (const alert of names) {
    expect(text).toMatch(new RegExp(`alertname: ${alert}\\n\\s+exp_alerts:`))
    expect(text).toMatch(new RegExp(`alertname: ${alert} \\}`))
  }
})
