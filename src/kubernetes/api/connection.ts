import type { Readable } from 'node:stream'
// Imports the library's modules one by one, here and elsewhere: its index also loads its exec, copy and watch (3 MB).
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import {
  ApiException,
  ApisApi,
  AuthorizationV1Api,
  CoreV1Api,
  HttpMethod,
  RequestContext,
  VersionApi,
} from '@kubernetes/client-node/dist/gen/index.js'
import type { Principal } from '#core/people/principal'
import { parseJson } from '#core/util/json'
import { type Exec, type ExecOptions, type ExecPlace, openExec } from './exec.ts'
import { impersonationHeaders } from './impersonation-headers.ts'
import { keepAliveAgent, withHeaders } from './reuse-connections.ts'

export type ConnectionOptions = {
  /** Path of a kubeconfig; left out, KUBECONFIG or ~/.kube/config. */
  kubeconfig?: string
  context?: string
  /** True inside a pod: uses its service account. */
  inCluster?: boolean
  /** URL of an HTTP proxy to the API server; left out, what the kubeconfig says (`proxy-url`). */
  proxyUrl?: string
  /** User for whom all requests are made, if the account may impersonate; left out, the account itself. */
  asUser?: string
}

export type Connection = {
  /**
   * Returns a connection that makes every request as this person, for this run. Returns undefined for a person who must
   * not be impersonated.
   */
  as: (by: Pick<Principal, 'id' | 'groups'>, run: string) => Connection | undefined
  core: CoreV1Api
  authorization: AuthorizationV1Api
  version: VersionApi
  apis: ApisApi
  /**
   * Opens a GET with a streamed response (log, watch). Rejects with `ApiException`. Aborting ends the stream with an
   * error for its reader only.
   */
  stream: (path: string, query: Record<string, string>, signal: AbortSignal) => Promise<Readable>
  /** Reads JSON by a GET, with the server's `Date` header. Rejects with `ApiException`. */
  readJson: (path: string) => Promise<{ body: unknown; date?: string }>
  /** Runs a program in a running container. Resolves with its standard error when it has ended. */
  exec: (place: ExecPlace, argv: readonly string[]) => Promise<string>
  /** Begins a program there whose output is streamed. Rejects with `ExecRefused` where nothing was begun. */
  openExec: (place: ExecPlace, argv: readonly string[], options?: ExecOptions) => Promise<Exec>
}

/** Time limit of `exec` in milliseconds; the programs that it runs end at once. */
const execTimeoutMs = 10_000

/**
 * Connects to a cluster's API, over reused and shared connections. Throws when the kubeconfig or its context is
 * missing.
 */
export function connect(options: ConnectionOptions): Connection {
  const config = loadConfig(options)
  const server = config.getCurrentCluster()?.server
  if (server === undefined)
    throw new Error(`the kubeconfig has no context "${options.context ?? config.currentContext}"`)
  const agent = keepAliveAgent(config)
  const { asUser } = options
  return createConnection(asUser === undefined ? agent : withHeaders(agent, { 'impersonate-user': asUser }), server)
}

function createConnection(config: KubeConfig, server: string): Connection {
  return {
    as(by, run) {
      const headers = impersonationHeaders(by, run)
      return headers === undefined ? undefined : createConnection(withHeaders(config, headers), server)
    },
    core: config.makeApiClient(CoreV1Api),
    authorization: config.makeApiClient(AuthorizationV1Api),
    version: config.makeApiClient(VersionApi),
    apis: config.makeApiClient(ApisApi),
    stream: (path, query, signal) => openStream(config, `${server}${path}?${new URLSearchParams(query)}`, signal),
    readJson: (path) => readJson(config, `${server}${path}`),
    exec: (place, argv) => exec(config, place, argv),
    openExec: (place, argv, options) => openExec(config, place, argv, options),
  }
}

function loadConfig(options: ConnectionOptions): KubeConfig {
  const config = new KubeConfig()
  if (options.inCluster === true) config.loadFromCluster()
  else if (options.kubeconfig === undefined) config.loadFromDefault()
  else config.loadFromFile(options.kubeconfig)
  if (options.context !== undefined) config.setCurrentContext(options.context)
  const { proxyUrl } = options
  if (proxyUrl !== undefined)
    config.clusters = config.clusters.map((cluster) => ({ ...cluster, proxyUrl: cluster.proxyUrl ?? proxyUrl }))
  return config
}

// The library's own Log and Watch pipe from an inner stream without an error listener: aborting throws an uncaught
// error.
async function openStream(config: KubeConfig, address: string, signal: AbortSignal): Promise<Readable> {
  // No time limit, because a tool may be silent.
  const { body } = await get(config, address, { signal, bodyTimeout: 0 })
  // The reader gets an error of its own at an abort; without a listener, the stream's error would end the process.
  body.on('error', () => undefined)
  return body
}

/** Time limit of `readJson` in milliseconds. */
const readTimeoutMs = 10_000

async function readJson(config: KubeConfig, address: string): Promise<{ body: unknown; date?: string }> {
  const signal = AbortSignal.timeout(readTimeoutMs)
  const { body, headers } = await get(config, address, { signal, headers: { accept: 'application/json' } })
  const { date } = headers
  return { body: parseJson(await body.text()), ...(typeof date === 'string' ? { date } : {}) }
}

type GetOptions = { signal: AbortSignal; headers?: Record<string, string>; bodyTimeout?: number }

/** Sends a GET as the account of `config`. Resolves with a response of status 200; rejects with `ApiException` for any other. */
async function get(config: KubeConfig, address: string, { headers, ...options }: GetOptions) {
  const url = new URL(address)
  const context = new RequestContext(address, HttpMethod.GET)
  await config.applySecurityAuthentication(context)
  const dispatcher = context.getDispatcher()
  if (dispatcher === undefined) throw new Error('the cluster connection has no dispatcher')
  const response = await dispatcher.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'GET',
    headers: { ...headers, ...context.getHeaders() },
    ...options,
  })
  if (response.statusCode === 200) return response
  const text = await response.body.text()
  throw new ApiException(response.statusCode, text, parseJson(text) ?? { message: text }, {})
}

/** Runs a program until its connection ends. Returns its standard error. */
async function exec(config: KubeConfig, place: ExecPlace, argv: readonly string[]): Promise<string> {
  const { stdout, ended, close } = await openExec(config, place, argv)
  stdout.resume()
  const timer = setTimeout(close, execTimeoutMs)
  // The status frame isn't always delivered, so the end of the connection counts as the end of the program.
  const { stderr, status, broken } = await ended
  clearTimeout(timer)
  if (status !== undefined && status.exitCode === undefined) throw new Error(status.message)
  if (status === undefined && broken !== undefined) throw new Error(`exec in ${place.pod}: ${broken}`)
  return stderr
}
