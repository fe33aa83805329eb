import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { goTool } from '#dev/go-tools/go-tools'
import { run } from '#dev/machine/run'
import { render, variants, wholeText } from '#test/deploy/golden'
import { writeSchemas } from '#test/deploy/openapi-schemas'
import { useCluster } from '#test/environment/cluster'

// What the chart renders, as the API server judges it: by its own schemas, and by dry runs.

const cluster = useCluster()
/** Kinds that the development cluster doesn't have: those of the Prometheus Operator and of the Gateway API. */
const foreign = ['HTTPRoute', 'PrometheusRule', 'ServiceMonitor']
let folder = ''
const texts = new Map<string, string>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'retina-schemas-'))
  await Promise.all([goTool('helm'), goTool('kubeconform')])
  for (const name of ['base', ...variants]) {
    const own = [...(await render(name))].filter(([title]) => !foreign.includes(title.split(' ')[0] ?? ''))
    texts.set(name, wholeText(new Map(own)))
  }
}, 1_200_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('kubeconform: every object has the fields of the cluster’s own schemas, and no others', async () => {
  const location = writeSchemas(await cluster().kubectl(['get', '--raw', '/openapi/v2']), folder)
  const kubeconform = await goTool('kubeconform')
  const judge = (files: readonly string[]) =>
    run(kubeconform, ['-strict', '-summary', '-schema-location', location, ...files])
  const files = [...texts].map(([name, text]) => {
    const file = join(folder, `${name}.yaml`)
    writeFileSync(file, text)
    return file
  })
  expect(await judge(files)).toMatch(/Valid: \d{3,}, Invalid: 0, Errors: 0, Skipped: 0/)
  const wrong = join(folder, 'wrong.yaml')
  writeFileSync(wrong, (texts.get('base') ?? '').replace('replicas: 2', 'replica: 2'))
  await expect(judge([wrong])).rejects.toThrow(/Invalid: 1/)
})

test('server-side dry run: the API server accepts every object of every value file', async () => {
  const { namespace, create } = cluster()
  const system = `${namespace}-system`
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' }
  const namespaces = ['system', 'shop', 'payments', 'node-debugging'].map((name) => `${namespace}-${name}`)
  await create(namespaces.map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } })))
  // The API server refuses pods whose account isn't there yet.
  const accounts = ['bot', 'netdebug-bot', 'worker', 'netdebug-worker', 'terminal'].map((name) => ({
    name,
    namespace: system,
  }))
  await create(accounts.map((metadata) => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata })))
  // All together, each once: kubectl takes a second to start.
  const different = new Set([...texts.values()].flatMap((text) => text.split(/^---\n/m)))
  const objects = [...different]
    .join('---\n')
    .replaceAll(/namespace: retina-chatops-system\b/g, `namespace: ${system}`)
    .replaceAll(/namespace: retina-chatops\b/g, `namespace: ${namespace}`)
    .replaceAll(/namespace: (shop|payments|node-debugging)\b/g, `namespace: ${namespace}-$1`)
    .replaceAll(/^(kind: Namespace\nmetadata:\n {2}name: ).*$/gm, `$1${namespace}-new`)
  const output = await cluster().kubectl(['apply', '--dry-run=server', '-f', '-'], objects)
  expect(output.match(/ \(server dry run\)$/gm)).toHaveLength(different.size)
  expect(different.size).toBeGreaterThan(60)
})
