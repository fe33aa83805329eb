import type { ConnectorClientOptions } from 'botframework-connector'

type HttpClient = NonNullable<ConnectorClientOptions['httpClient']>
type Answer = Awaited<ReturnType<HttpClient['sendRequest']>>

/** Milliseconds that one request of the SDK may take. */
const requestTimeoutMs = 30_000

/**
 * Sends the SDK's requests with `fetch`, as all other requests of the program: the SDK's own client has connections of its own, which don't go
 * by the program's proxy settings, and takes a proxy's refusal for the answer of Teams.
 */
export const fetchClient: HttpClient = {
  async sendRequest(request) {
    const { url, method, body, headers, abortSignal } = request
    const limit = AbortSignal.timeout(requestTimeoutMs)
    const response = await fetch(url, {
      ...{ method, headers: headers.toJson({ preserveCase: true }), redirect: 'error' },
      ...(body === undefined || body === null ? {} : { body: body as string }),
      signal: abortSignal === undefined ? limit : AbortSignal.any([abortSignal as AbortSignal, limit]),
    })
    // The SDK reads no more of the headers than `toJson`.
    const answered = { toJson: () => Object.fromEntries(response.headers) }
    const answer = { request, status: response.status, headers: answered, bodyAsText: await response.text() }
    return answer as unknown as Answer
  },
}
