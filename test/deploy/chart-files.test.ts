import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { chartFolder, staticFiles } from '#dev/chart/generate'
import { documentedValues } from '#dev/chart/values-comments'
import { version } from '#src/app/version'

const root = join(import.meta.dirname, '../..')

test('schema and table of the values are those of values.yaml and of retina.yaml’s schema', () => {
  for (const [path, text] of Object.entries(staticFiles())) {
    const current = readFileSync(join(root, path), 'utf8')
    // Not toBe: the difference would be printed whole.
    expect({ path, upToDate: current === text, how: 'npm run chart' }).toMatchObject({ upToDate: true })
  }
})

test('every value has a description, or is known to everybody who runs Kubernetes', () => {
  const common = [
    'nodeSelector',
    'tolerations',
    'affinity',
    'priorityClassName',
    'podAnnotations',
    'podLabels',
    'labels',
    'annotations',
    'className',
    'hostnames',
    'interval',
    'resources',
  ]
  const plain = ['redis.image.repository', 'redis.image.tag', 'redis.image.pullPolicy']
  const values = documentedValues(readFileSync(join(chartFolder, 'values.yaml'), 'utf8'))
  const bare = values
    .filter(({ description, path }) => description === undefined && !common.includes(path.at(-1) ?? ''))
    .map(({ path }) => path.join('.'))
  expect(values.length).toBeGreaterThan(70)
  expect(bare.filter((path) => !plain.includes(path))).toEqual([])
})

test('chart and program have one version', () => {
  const chart = readFileSync(join(chartFolder, 'Chart.yaml'), 'utf8')
  expect(chart).toContain(`\nversion: ${version}\nappVersion: ${version}\n`)
})
