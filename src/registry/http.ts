import { defined } from '#core/util/defined'
import { isLoopback } from './reference.ts'
import { RegistryError } from './registry-error.ts'

/** Maximum of redirects that one request follows. */
const maxRedirects = 3

/**
 * Maximum size of a manifest or a token, in bytes. Source: OCI Distribution Specification v1.1, "Pushing Manifests".
 */
const maxBytes = 4 * 1_024 * 1_024

export type RegistryRequest = {
  method: 'GET' | 'HEAD' | 'POST'
  headers?: Readonly<Record<string, string>>
  body?: URLSearchParams
}

/** Hosts that may be requested (`insecure`: without encryption), and a signal that ends the request. */
export type RequestPolicy = { api: URL; insecure: readonly string[]; signal: AbortSignal }

/**
 * Sends an HTTP request and follows redirects. Credentials go only to the host that they were meant for, and
 * unencrypted requests only to registries that allow them. Throws `RegistryError`, and what `fetch` throws.
 */
export async function request(url: URL, content: RegistryRequest, policy: RequestPolicy): Promise<Response> {
  let [at, headers] = [url, new Headers(content.headers)]
  for (let redirects = 0; ; redirects++) {
    if (!isAllowed(at, policy)) throw new RegistryError(`${policy.api.host} redirects to ${at.host} without encryption`)
    const { method, body } = content
    const init = { method, headers, redirect: 'manual' as const, signal: policy.signal }
    const answer = await fetch(at, { ...init, ...defined({ body }) })
    const location = answer.headers.get('location')
    if (answer.status < 300 || answer.status >= 400 || location === null) return answer
    await answer.body?.cancel()
    // A POST isn't redirected, because its body is secret and was meant for this host.
    const next = URL.parse(location, at.href)
    if (redirects === maxRedirects || method === 'POST' || next === null) {
      throw new RegistryError(`${policy.api.host} redirects too many times`)
    }
    if (next.origin !== at.origin) {
      headers = new Headers(headers)
      headers.delete('authorization')
    }
    at = next
  }
}

function isAllowed(url: URL, { api, insecure }: RequestPolicy): boolean {
  if (url.protocol === 'https:') return true
  if (url.protocol !== 'http:') return false
  // Otherwise a registry could redirect the bot to unencrypted services of its own machine or network.
  return insecure.includes(url.host) || (isLoopback(api.host) && isLoopback(url.host)) || url.origin === api.origin
}

/** Returns the whole body. Throws `RegistryError` for one that is longer than any manifest may be. */
export async function bodyOf(answer: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body ?? []) {
    bytes += part.length
    if (bytes > maxBytes) throw new RegistryError('the response is too long for a manifest')
    parts.push(part)
  }
  return Buffer.concat(parts)
}
