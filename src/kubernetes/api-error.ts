import { ApiException } from '@kubernetes/client-node'

/** What the API server said: status code, its machine-readable reason, and its message. */
export type ApiProblem = { code: number; reason: string; message: string }

/** Undefined when the error isn't an answer of the API server's (no connection, a bug). */
export function apiProblem(error: unknown): ApiProblem | undefined {
  if (!(error instanceof ApiException)) return undefined
  const body = bodyOf(error.body)
  return { code: error.code, reason: textOf(body['reason']), message: textOf(body['message']) || error.message }
}

function bodyOf(body: unknown): Record<string, unknown> {
  if (typeof body === 'string') {
    try {
      return bodyOf(JSON.parse(body))
    } catch {
      return { message: body }
    }
  }
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function isNotFound(error: unknown): boolean {
  return apiProblem(error)?.code === 404
}

/** One sentence for people about a request that the API server refused, or that never reached it. */
export function describeError(error: unknown): string {
  const problem = apiProblem(error)
  if (problem === undefined) return `the cluster's API server can't be reached (${causeOf(error)})`
  const security = /violates PodSecurity "([^":]+)[^"]*": (.*)$/s.exec(problem.message)
  if (security !== null) {
    return `the namespace enforces the PodSecurity level "${security[1]}", which forbids: ${security[2]}`
  }
  if (problem.code === 403 && /cannot \w+ resource/.test(problem.message)) {
    return `the bot's own account lacks a right in the cluster: ${problem.message}`
  }
  return `the cluster refused it: ${problem.message}`
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
