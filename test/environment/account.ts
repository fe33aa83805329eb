import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestCluster } from './test-cluster.ts'

/** Writes a kubeconfig of a service account into a folder, with a token that is valid for an hour; resolves with its path. */
export async function accountKubeconfig(
  cluster: TestCluster,
  account: { namespace: string; name: string },
  folder: string,
): Promise<string> {
  const body = { spec: { audiences: [], expirationSeconds: 3_600 } }
  const { status } = await cluster.core.createNamespacedServiceAccountToken({ ...account, body })
  const config = JSON.parse(readFileSync(cluster.kubeconfig, 'utf8')) as object
  const user = { name: account.name, user: { token: status?.token } }
  const context = { name: cluster.context, context: { cluster: 'dev', user: account.name } }
  const path = join(folder, `account-${account.name}.json`)
  writeFileSync(path, JSON.stringify({ ...config, users: [user], contexts: [context] }), { mode: 0o600 })
  return path
}
