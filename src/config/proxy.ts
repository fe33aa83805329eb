import type { Note } from '#src/yaml/positions'
import type { File } from './schema.ts'

/** Through which proxies requests that leave the cluster go: URLs for https and http requests, and hosts that are reached directly. */
export type ProxySettings = { https?: string; http?: string; noProxy: readonly string[] }

type Environment = Readonly<Record<string, string | undefined>>

/**
 * Returns the proxies of the file and the environment; undefined where there are none. `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` have priority,
 * each by itself. Reports what can't be used.
 */
export function toProxy(
  file: Pick<File, 'proxy'>,
  env: Environment,
  mistake: Note,
  warning: Note,
): ProxySettings | undefined {
  const urlOf = (kind: 'https' | 'http') => {
    const fromEnvironment = variable(env, `${kind}_proxy`)
    const url = fromEnvironment?.value ?? file.proxy?.[kind]
    if (url === undefined) return {}
    const path = fromEnvironment === undefined ? ['proxy', kind] : []
    const why = findMistake(url, fromEnvironment?.name)
    if (why !== undefined) mistake(path, why)
    return { [kind]: url }
  }
  const proxies = { ...urlOf('https'), ...urlOf('http') }
  const fromEnvironment = variable(env, 'no_proxy')
  const noProxy = fromEnvironment?.value.split(/[\s,]+/).filter((host) => host !== '') ?? file.proxy?.noProxy ?? []
  for (const [at, host] of noProxy.entries()) {
    if (!/\/\d+$/.test(host)) continue
    const message = `"${host}" is a range of addresses, which is not known here; write names, .suffixes or single addresses`
    if (fromEnvironment === undefined) mistake(['proxy', 'noProxy', at], message)
    else warning([], `NO_PROXY: ${message}`)
  }
  return Object.keys(proxies).length === 0 ? undefined : { ...proxies, noProxy }
}

/** Returns a variable in small or capital letters; small ones have priority, as in curl and Node. */
function variable(env: Environment, name: string): { name: string; value: string } | undefined {
  for (const each of [name, name.toUpperCase()]) {
    const value = env[each]
    if (value !== undefined && value !== '') return { name: each, value }
  }
  return undefined
}

function findMistake(text: string, from: string | undefined): string | undefined {
  const url = URL.parse(text)
  const where = from ?? 'the proxy'
  if (url === null || !['http:', 'https:'].includes(url.protocol) || url.hostname === '')
    return `${where} must be a URL, as http://proxy.example.com:3128`
  if (from === undefined && (url.username !== '' || url.password !== ''))
    return 'secrets are read only from the environment, never from this file; set HTTPS_PROXY to the URL with its password'
  return undefined
}
