import { RegistryError } from './problem.ts'
import { isLoopback } from './reference.ts'

/** Redirects that one question may follow. */
const maxRedirects = 3

/** Bytes that a manifest or a token may have. Source: OCI Distribution Specification v1.1, "Pushing Manifests". */
const maxBytes = 4 * 1_024 * 1_024

export type RegistryRequest = {
  method: 'GET' | 'HEAD' | 'POST'
  headers?: Readonly<Record<string, string>>
  body?: URLSearchParams
}

/** What may be asked, and until when. */
export type RequestPolicy = { api: URL; insecure: readonly string[]; signal: AbortSignal }

/**
 * One question over HTTP. Credentials go to no other host than the one they were meant for, and nothing goes unencrypted but to a
 * registry that may be asked so. Throws `Problem`, and what `fetch` throws.
 */
export async function request(url: URL, question: RegistryRequest, way: RequestPolicy): Promise<Response> {
  let [at, headers] = [url, new Headers(question.headers)]
  for (let redirects = 0; ; redirects++) {
    if (!mayBeAsked(at, way)) throw new RegistryError(`${way.api.host} leads to ${at.host}, without encryption`)
    const { method, body } = question
    const init = { method, headers, redirect: 'manual' as const, signal: way.signal }
    const answer = await fetch(at, { ...init, ...(body === undefined ? {} : { body }) })
    const location = answer.headers.get('location')
    if (answer.status < 300 || answer.status >= 400 || location === null) return answer
    await answer.body?.cancel()
    // What stands in the body of a POST is secret, and was meant for this host.
    const next = URL.parse(location, at.href)
    if (redirects === maxRedirects || method === 'POST' || next === null) {
      throw new RegistryError(`${way.api.host} leads from one address to the next`)
    }
    if (next.origin !== at.origin) {
      headers = new Headers(headers)
      headers.delete('authorization')
    }
    at = next
  }
}

function mayBeAsked(url: URL, { api, insecure }: RequestPolicy): boolean {
  if (url.protocol === 'https:') return true
  if (url.protocol !== 'http:') return false
  // Without this, any registry could send the bot to services of its own machine or network.
  return insecure.includes(url.host) || (isLoopback(api.host) && isLoopback(url.host)) || url.origin === api.origin
}

/** The whole body. Throws `Problem` for one that is longer than any manifest may be. */
export async function bodyOf(answer: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = []
  let bytes = 0
  for await (const part of answer.body ?? []) {
    bytes += part.length
    if (bytes > maxBytes) throw new RegistryError('what it answers is longer than any manifest may be')
    parts.push(part)
  }
  return Buffer.concat(parts)
}
