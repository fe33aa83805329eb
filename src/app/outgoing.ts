import { readFileSync } from 'node:fs'
import http from 'node:http'
import { connect as connectTcp } from 'node:net'
import { connect as connectTls, getCACertificates, setDefaultCACertificates } from 'node:tls'
import { defined } from '#core/util/defined'
import { errorMessage } from '#core/util/error-message'
import { outsideAddresses } from '#src/config/chats'
import type { Config } from '#src/config/load'
import { UserError } from './user-error.ts'

type Outgoing = Pick<Config, 'proxy' | 'caFile'>

/**
 * Makes all requests of this process that leave the cluster go through the owner's proxy, and trust the owner's certificates: those of `fetch`,
 * and of Node's shared agents. Connections to clusters and Redis are others. Returns the function that undoes it. Throws `UserError` for a
 * file without certificates.
 */
export function applyOutgoing({ proxy, caFile }: Outgoing): () => void {
  const before = getCACertificates('default')
  if (caFile !== undefined) setDefaultCACertificates([...before, ...readCertificates(caFile)])
  const restoreProxy =
    proxy === undefined
      ? () => undefined
      : http.setGlobalProxyFromEnv({
          ...defined({ https_proxy: proxy.https, http_proxy: proxy.http }),
          no_proxy: proxy.noProxy.join(','),
        })
  return () => {
    restoreProxy()
    if (caFile !== undefined) setDefaultCACertificates(before)
  }
}

const certificate = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

function readCertificates(file: string): string[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    throw new UserError('config-wrong', `caFile: ${file} can't be read: ${errorMessage(error)}`)
  }
  const found = text.match(certificate) ?? []
  if (found.length === 0)
    throw new UserError('config-wrong', `caFile: ${file} has no certificate in PEM ("BEGIN CERTIFICATE").`)
  return found
}

/** Milliseconds within which a proxy has to answer. */
const proxyTimeoutMs = 2_500

/** Hosts that are asked through the proxy, as `host:port`; those that go directly are left out. */
export function hostsThroughProxy({ proxy, directory, ...config }: Config): string[] {
  if (proxy?.https === undefined) return []
  const addresses = [
    ...outsideAddresses(config),
    ...(directory.entra === undefined ? [] : [directory.entra.loginUrl, directory.entra.graphUrl]),
  ]
  const hosts = addresses.flatMap((address) => {
    const url = URL.parse(address)
    return url?.protocol === 'https:' ? [`${url.hostname}:${url.port === '' ? '443' : url.port}`] : []
  })
  return [...new Set(hosts)].filter((host) => !isDirect(host, proxy.noProxy))
}

/** Returns true for a host that is reached directly. The same rules as Node's: names, `.suffix`, `*.suffix`, `*`, and `:port` after each. */
function isDirect(host: string, noProxy: readonly string[]): boolean {
  const [name = '', port = ''] = host.split(':')
  return noProxy.some((entry) => {
    const [pattern = '', own = port] = entry.toLowerCase().split(':')
    if (own !== port) return false
    return pattern === '*' || pattern === name || (/^\*?\./.test(pattern) && name.endsWith(pattern.replace(/^\*/, '')))
  })
}

/** Asks the proxy for a connection to each of these hosts. Rejects with what it answered otherwise, and how to go on. */
export async function checkProxy(proxyUrl: string, hosts: readonly string[]): Promise<void> {
  const problems = (await Promise.all(hosts.map((host) => findProxyProblem(new URL(proxyUrl), host)))).filter(
    (each) => each !== undefined,
  )
  if (problems.length > 0) throw new Error([...new Set(problems)].join('; '))
}

/** Resolves with why the proxy makes no connection to a host; undefined where it made one. */
function findProxyProblem(proxy: URL, host: string): Promise<string | undefined> {
  const shown = `the proxy ${proxy.protocol}//${proxy.host}`
  const secret = decodeURIComponent(`${proxy.username}:${proxy.password}`)
  const authorization = secret === ':' ? '' : `proxy-authorization: Basic ${Buffer.from(secret).toString('base64')}\r\n`
  const place = {
    host: proxy.hostname.replace(/^\[|\]$/g, ''),
    port: Number(proxy.port || (proxy.protocol === 'https:' ? 443 : 80)),
  }
  return new Promise((resolve) => {
    const socket = proxy.protocol === 'https:' ? connectTls({ ...place, servername: place.host }) : connectTcp(place)
    const end = (problem: string | undefined) => {
      socket.destroy()
      resolve(problem)
    }
    socket.setTimeout(proxyTimeoutMs, () => end(`${shown} did not answer within ${proxyTimeoutMs / 1_000} s`))
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(`${shown} can't be reached (${error.code ?? error.message})`),
    )
    socket.once('end', () => end(`${shown} closed the connection`))
    socket.once('data', (answer: Buffer) => {
      const [, status = ''] = /^HTTP\/1\.[01] (\d{3})/.exec(answer.toString('latin1')) ?? []
      if (status === '200') end(undefined)
      else if (status === '407')
        end(`${shown} wants a user and password; set HTTPS_PROXY to http://USER:PASSWORD@${proxy.host}`)
      else
        end(
          `${shown} refuses connections to ${host} (${status || 'no HTTP'}); allow it there, or name the host in NO_PROXY`,
        )
    })
    socket.write(`CONNECT ${host} HTTP/1.1\r\nhost: ${host}\r\n${authorization}\r\n`)
  })
}
