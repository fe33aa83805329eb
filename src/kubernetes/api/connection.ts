import type { Readable } from 'node:stream'
// The library's parts, one by one, here and beside: its index loads its own exec, copying and watching too (3 MB).
import { KubeConfig } from '@kubernetes/client-node/dist/config.js'
import {
  ApiException,
  AuthorizationV1Api,
  CoreV1Api,
  HttpMethod,
  RequestContext,
  VersionApi,
} from '@kubernetes/client-node/dist/gen/index.js'
import type { Principal } from '#core/people/principal'
import { type Exec, type ExecOptions, type ExecPlace, openExec } from './exec.ts'
import { impersonationHeaders } from './impersonation-headers.ts'
import { keepAliveAgent, withHeaders } from './keep-alive.ts'

export type ConnectionOptions = {
  /** Path of a kubeconfig; left out, KUBECONFIG or ~/.kube/config. */
  kubeconfig?: string
  context?: string
  /** True inside a pod: its service account is used. */
  inCluster?: boolean
}

export type Connection = {
  /** The same, with every request made as this person's for this run. Undefined for somebody whom nobody may act for. */
  as: (by: Pick<Principal, 'id' | 'groups'>, run: string) => Connection | undefined
  core: CoreV1Api
  authorization: AuthorizationV1Api
  version: VersionApi
  /** Opens a GET whose answer goes on (log, watch). Rejects with `ApiException`; aborting ends the stream with an error to its reader only. */
  stream: (path: string, query: Record<string, string>, signal: AbortSignal) => Promise<Readable>
  /** Runs a program in a running container and resolves with its standard error when it has ended. */
  exec: (place: ExecPlace, argv: readonly string[]) => Promise<string>
  /** Begins one there whose output is read as it comes. Rejects with `ExecRefused` where nothing was begun. */
  openExec: (place: ExecPlace, argv: readonly string[], options?: ExecOptions) => Promise<Exec>
}

/** Milliseconds that an exec may take; what is run by it ends at once. */
const execPatience = 10_000

/** A cluster's API, over connections that are kept and shared. Throws when the kubeconfig or its context isn't there. */
export function connect(options: ConnectionOptions): Connection {
  const config = loadConfig(options)
  const server = config.getCurrentCluster()?.server
  if (server === undefined)
    throw new Error(`the kubeconfig has no context "${options.context ?? config.currentContext}"`)
  return connectionOf(keepAliveAgent(config), server)
}

function connectionOf(config: KubeConfig, server: string): Connection {
  return {
    as(by, run) {
      const headers = impersonationHeaders(by, run)
      return headers === undefined ? undefined : connectionOf(withHeaders(config, headers), server)
    },
    core: config.makeApiClient(CoreV1Api),
    authorization: config.makeApiClient(AuthorizationV1Api),
    version: config.makeApiClient(VersionApi),
    stream: (path, query, signal) => openStream(config, `${server}${path}?${new URLSearchParams(query)}`, signal),
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
  return config
}

// The library's own Log and Watch pipe from an inner stream that nobody listens to: aborting them throws out of reach.
async function openStream(config: KubeConfig, address: string, signal: AbortSignal): Promise<Readable> {
  const url = new URL(address)
  const context = new RequestContext(address, HttpMethod.GET)
  await config.applySecurityAuthentication(context)
  const dispatcher = context.getDispatcher()
  if (dispatcher === undefined) throw new Error('the cluster connection has no dispatcher')
  const { statusCode, body } = await dispatcher.request({
    origin: url.origin,
    path: `${url.pathname}${url.search}`,
    method: 'GET',
    headers: context.getHeaders(),
    signal,
    // A quiet tool is not a broken connection.
    bodyTimeout: 0,
  })
  if (statusCode !== 200) {
    const text = await body.text()
    throw new ApiException(statusCode, text, parsed(text), {})
  }
  // Whoever reads hears of an abort by an error of its own; without a listener it would end the process.
  body.on('error', () => undefined)
  return body
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { message: text }
  }
}

/** Resolves with the program's standard error. */
async function exec(config: KubeConfig, place: ExecPlace, argv: readonly string[]): Promise<string> {
  const { stdout, ended, close } = await openExec(config, place, argv)
  stdout.resume()
  const late = setTimeout(close, execPatience)
  // The status frame isn't always delivered, so the end of the connection is the end of the program.
  const { stderr, status, broken } = await ended
  clearTimeout(late)
  if (status !== undefined && status.exitCode === undefined) throw new Error(status.message)
  if (status === undefined && broken !== undefined) throw new Error(`exec in ${place.pod}: ${broken}`)
  return stderr
}
