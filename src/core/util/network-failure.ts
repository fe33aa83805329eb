/** Maximum number of nested causes that are looked at. */
const maxCauses = 5

/** Returns the status with which a proxy answered CONNECT, by the messages of undici and of Node's agents. */
function proxyStatus(message: string): string | undefined {
  const form = message.startsWith('Failed to establish tunnel')
    ? /HTTP\/1\.[01] (\d{3})/
    : /^Proxy response \((\d{3})\)/
  return form.exec(message)?.[1]
}

/**
 * Returns why a request got no answer, in words without addresses, which may hold secrets: a refusal of the HTTP proxy, or the code of the
 * failed connection (`ECONNREFUSED`); undefined where an error is of another kind.
 */
export function networkFailure(error: unknown): string | undefined {
  let code: string | undefined
  let current = error
  for (let depth = 0; depth < maxCauses && isFailure(current); depth += 1) {
    const status = proxyStatus(current.message ?? '')
    if (status !== undefined) return `the HTTP proxy refused the connection (${status})`
    if (typeof current.code === 'string' && /^[A-Z][A-Z0-9_]{2,60}$/.test(current.code)) code = current.code
    current = current.cause ?? current.original
  }
  return code
}

/** An error, also of one of a library's own kinds. `original`: what an error of Slack's client wraps. */
type Failure = { message?: string; code?: unknown; cause?: unknown; original?: unknown }

function isFailure(value: unknown): value is Failure {
  return typeof value === 'object' && value !== null
}
