import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { createMetrics } from '#src/app/metrics'

const root = join(import.meta.dirname, '../..')
const read = (path: string) => readFileSync(join(root, path), 'utf8')

type Rule = { alert: string; expr: string; annotations: { runbook_url: string } }
const { rules } = (parse(read('deploy/helm/retina-chatops/files/alerts.yaml')) as { groups: { rules: Rule[] }[] })
  .groups[0] ?? { rules: [] }

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
