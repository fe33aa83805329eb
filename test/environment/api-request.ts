import { readFileSync } from 'node:fs'
import { Agent, request as httpsRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import type { ApiRequest } from '#test/redteam/request-variants'

/** Answer of an API server: `message` is that of its status object, or the body. */
export type ApiAnswer = { status: number; message: string }

type Kubeconfig = {
  clusters: { cluster: { server: string; 'certificate-authority-data': string } }[]
  users: { user: { token: string } }[]
}

/**
 * Returns a function that sends a request as the account of a kubeconfig (JSON, with a token), without any library's help: also what no
 * library would send.
 */
export function apiClient(kubeconfig: string): (request: ApiRequest) => Promise<ApiAnswer> {
  const { clusters, users } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as Kubeconfig
  const [cluster, token] = [clusters[0]?.cluster, users[0]?.user.token]
  if (cluster === undefined || token === undefined) throw new Error(`${kubeconfig} has no cluster, or no token`)
  const agent = new Agent({
    ca: Buffer.from(cluster['certificate-authority-data'], 'base64'),
    keepAlive: true,
    maxSockets: 8,
  })
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
