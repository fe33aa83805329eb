import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from '@jest/globals'
import { diagnoseConfiguredCluster } from '#src/app/doctor/clusters'
import { knownNames } from '#src/app/policy-file'
import { parseConfig } from '#src/config/load'
import { startConnectProxy } from '#test/environment/connect-proxy'

const closing: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close()
})

test('doctor reaches a cluster through the proxy where the program does', async () => {
  const proxy = await startConnectProxy(new Map())
  closing.push(proxy.close)
  const folder = mkdtempSync(join(tmpdir(), 'retina-doctor-'))
  closing.push(() => rmSync(folder, { recursive: true }))
  const kubeconfig = join(folder, 'kubeconfig')
  const content = {
    'current-context': 'dev',
    contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'dev' } }],
    clusters: [{ name: 'dev', cluster: { server: 'https://api.test' } }],
    users: [{ name: 'dev', user: { token: 'a-token-of-the-tests' } }],
  }
  writeFileSync(kubeconfig, JSON.stringify(content))
  const text = `clusters: [{ name: dev, kubeconfig: ${kubeconfig}, proxy: true }]\nshell: { image: { repo: a.io/shell, version: v1 } }`
  const loaded = parseConfig(text, { HTTPS_PROXY: proxy.url }, knownNames())
  if ('mistakes' in loaded) throw new Error(JSON.stringify(loaded.mistakes))
  const { config } = loaded
  const [cluster] = config.clusters
  if (cluster === undefined) throw new Error('there is no cluster')
  const { findings } = await diagnoseConfiguredCluster(config, cluster, { role: 'all' })
  expect(findings).toEqual([expect.objectContaining({ check: 'cluster dev connection', state: 'failed' })])
  expect(proxy.asked).toContain('api.test:443')
})
