import { readFileSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import type { ApiRequest } from '#test/redteam/request-variants'

/** Answer of an API server: `message` is that of its status object, or the body. */
export type ApiAnswer = { status: number; message: string }

/**
 * Returns a function that sends a request as the account of a kubeconfig with a token, without any library's help: also
 * what no library would send.
 */
export function apiClient(kubeconfig: string): (request: ApiRequest) => Promise<ApiAnswer> {
  const config = new KubeConfig()
  config.loadFromFile(kubeconfig)
  const [cluster, token] = [config.getCurrentCluster(), config.getCurrentUser()?.token]
  if (cluster === null || token === undefined) throw new Error(`${kubeconfig} has no cluster, or no token`)
  const ca = cluster.caData === undefined ? readFileSync(cluster.caFile ?? '') : Buffer.from(cluster.caData, 'base64')
  const agent = new Agent({ ca, keepAlive: true, maxSockets: 8 })
  return ({ method, path, body, type = 'application/json' }) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, 'content-type': type, accept: 'application/json' }
      const sent = httpsRequest(new URL(path, cluster.server), { method, headers, agent }, (response) => {
        const answer = (said: string) => ({ status: response.statusCode ?? 0, message: messageOf(said) })
        text(response).then(answer).then(resolve, reject)
      })
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
}

function messageOf(said: string): string {
  try {
    const { message } = JSON.parse(said) as { message?: string }
    return message ?? said
  } catch {
    return said
  }
}
