import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { installPackages } from '#dev/machine/debian'
import { run } from '#dev/machine/run'
import { createMetrics } from '#src/app/metrics'

const root = join(import.meta.dirname, '../..')
const files = join(root, 'deploy/helm/retina-chatops/files')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

type Rule = { alert: string; expr: string; annotations: { runbook_url: string } }
const { rules } = (parse(read('deploy/helm/retina-chatops/files/alerts.yaml')) as { groups: { rules: Rule[] }[] })
  .groups[0] ?? { rules: [] }

let folder = ''
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retina-alerts-'))
  await installPackages(['prometheus'])
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('promtool: each alert is silent while nothing is wrong, and fires with its text when it should', async () => {
  copyFileSync(join(files, 'alerts.yaml'), join(folder, 'alerts.yaml'))
  copyFileSync(join(import.meta.dirname, 'alerts/tests.yaml'), join(folder, 'tests.yaml'))
  expect(await run('promtool', ['test', 'rules', join(folder, 'tests.yaml')])).toContain('SUCCESS')
  const tests = read('test/deploy/alerts/tests.yaml')
  for (const { alert } of rules) {
    expect(tests).toMatch(new RegExp(`alertname: ${alert}\\n\\s+exp_alerts:`))
    expect(tests).toMatch(new RegExp(`alertname: ${alert} \\}`))
  }
})

test('each of the ten alerts has a runbook', () => {
  const headings = new Set([...read('docs/alerts.md').matchAll(/^## (\w+)$/gm)].map(([, name = '']) => name))
  expect(rules).toHaveLength(10)
  expect([...headings]).toEqual(rules.map(({ alert }) => alert))
  for (const { alert, annotations } of rules) {
    expect(annotations.runbook_url).toBe(`docs/alerts.md#${alert.toLowerCase()}`)
  }
})

type Panel = { title: string; targets?: { expr: string }[] }
const { panels } = JSON.parse(read('deploy/helm/retina-chatops/files/dashboard.json')) as { panels: Panel[] }
const queries = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))

/** Names of metrics in an expression of PromQL, without labels in braces and in `by (…)` and `on (…)`. */
function metricsOf(expression: string): string[] {
  const names = expression.replaceAll(/\{[^}]*\}|\b(?:by|on) \([^)]*\)/g, '').match(/\b[a-z]\w*_\w+\b/g) ?? []
  return names.filter((name) => !['histogram_quantile', '__rate_interval', '__range'].includes(name))
}

test('alerts and dashboard ask for metrics that the program has, and for all of its own', async () => {
  const { body } = await createMetrics().text()
  const known = new Set(
    [...body.matchAll(/^# TYPE (\S+) (\S+)$/gm)].flatMap(([, name = '', type]) =>
      type === 'histogram' ? ['_bucket', '_count', '_sum'].map((end) => `${name}${end}`) : [name],
    ),
  )
  const asked = new Set([...queries, ...rules.map(({ expr }) => expr)].flatMap(metricsOf))
  expect(asked.size).toBeGreaterThan(12)
  expect([...asked].filter((name) => !known.has(name))).toEqual([])
  const own = [...body.matchAll(/^# TYPE (retina_\S+) /gm)].map(([, name = '']) => name)
  const used = (name: string) => [...asked].some((each) => each.startsWith(name))
  expect(own.filter((name) => !used(name))).toEqual([])
  // The page that explains them has them all.
  expect(own.filter((name) => !read('docs/alerts.md').includes(`\`${name}`))).toEqual([])
})
