import type { KubeConfig, RequestContext } from '@kubernetes/client-node'

export type Headers = Readonly<Record<string, string | readonly string[]>>
type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>>

/** Milliseconds for which connections are kept before certificates and proxies are read from the kubeconfig again. */
const fresh = 5 * 60_000

/**
 * The same account, over connections that are kept: the library opens one for every single request. HTTP/1.1, since undici
 * joins headers of one name over HTTP/2, and groups to impersonate must not be joined.
 */
export function keepAliveAgent(config: KubeConfig): KubeConfig {
  let kept: { at: number; dispatcher: Dispatcher } | undefined
  return derived(config, {}, (made) => {
    if (kept === undefined || performance.now() - kept.at > fresh) kept = { at: performance.now(), dispatcher: made }
    return kept.dispatcher
  })
}

/** The same cluster and account, with headers of one's own on every request: plain, streamed, or by WebSocket. */
export function withHeaders(config: KubeConfig, headers: Headers): KubeConfig {
  return derived(config, headers, (dispatcher) => dispatcher)
}

function derived(config: KubeConfig, headers: Headers, choose: (made: Dispatcher) => Dispatcher): KubeConfig {
  const own = Object.create(config) as KubeConfig
  own.applySecurityAuthentication = async (context) => {
    await config.applySecurityAuthentication(context)
    const made = context.getDispatcher()
    if (made === undefined) throw new Error('the cluster connection has no dispatcher')
    const dispatcher = choose(made)
    // The library's own headers are texts, and a header may stand several times: so they are added below it.
    const add = dispatcher.compose((dispatch) => (options, handler) => {
      const all = { ...asObject(options.headers), ...copyOf(headers) }
      return dispatch({ ...options, allowH2: false, headers: all } as typeof options, handler)
    })
    context.setDispatcher(add)
  }
  own.applyToHTTPSOptions = async (options) => {
    await config.applyToHTTPSOptions(options)
    options.headers = { ...(options.headers as Record<string, string>), ...copyOf(headers) }
  }
  return own
}

function copyOf(headers: Headers): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  )
}

/** undici takes headers as an object, as pairs, or as one flat list. */
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
