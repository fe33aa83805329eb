import type { KubeConfig, RequestContext } from '@kubernetes/client-node'

export type Headers = Readonly<Record<string, string | readonly string[]>>
type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>

/** Milliseconds for which connections are reused before certificates and proxies are read from the kubeconfig again. */
const reuseMs = 5 * 60_000

/**
 * Returns the same account over reused connections: the library opens one for every request. Uses HTTP/1.1, because
 * undici joins headers of one name over HTTP/2, and groups to impersonate must not be joined.
 */
export function keepAliveAgent(config: KubeConfig): KubeConfig {
  let cached: { at: number; dispatcher: Dispatcher } | undefined
  return derive(config, {}, (created) => {
    if (cached === undefined || performance.now() - cached.at > reuseMs)
      cached = { at: performance.now(), dispatcher: created }
    return cached.dispatcher
  })
}

/** Returns the same cluster and account with `headers` added to every request: plain, streamed, or WebSocket. */
export function withHeaders(config: KubeConfig, headers: Headers): KubeConfig {
  return derive(config, headers, (dispatcher) => dispatcher)
}

function derive(config: KubeConfig, headers: Headers, choose: (created: Dispatcher) => Dispatcher): KubeConfig {
  const derivedConfig = Object.create(config) as KubeConfig
  derivedConfig.applySecurityAuthentication = async (context) => {
    await config.applySecurityAuthentication(context)
    const created = context.getDispatcher()
    if (created === undefined) throw new Error('the cluster connection has no dispatcher')
    const dispatcher = choose(created)
    // Added in the dispatcher, because the library's headers are strings, and a header may occur several times.
    const add = dispatcher.compose((dispatch) => (options, handler) => {
      const all = { ...asObject(options.headers), ...copyHeaders(headers) }
      return dispatch({ ...options, allowH2: false, headers: all } as typeof options, handler)
    })
    context.setDispatcher(add)
  }
  derivedConfig.applyToHTTPSOptions = async (options) => {
    await config.applyToHTTPSOptions(options)
    options.headers = { ...(options.headers as Record<string, string>), ...copyHeaders(headers) }
  }
  return derivedConfig
}

function copyHeaders(headers: Headers): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  )
}

/** Converts headers to an object: undici takes an object, pairs, or one flat list. */
function asObject(headers: unknown): Record<string, string | string[]> {
  if (headers === undefined || headers === null) return {}
  if (Array.isArray(headers)) {
    const flat = headers as string[]
    return Object.fromEntries(flat.flatMap((name, at) => (at % 2 === 0 ? [[name, flat[at + 1] ?? '']] : [])))
  }
  if (typeof headers === 'object' && Symbol.iterator in headers) {
    return Object.fromEntries(headers as Iterable<[string, string]>)
  }
  return headers as Record<string, string | string[]>
}
