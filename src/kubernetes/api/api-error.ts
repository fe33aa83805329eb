import { ApiException } from '@kubernetes/client-node/dist/gen/index.js'

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

/** Nobody may act for this person, whatever rights the bot has. */
export class ImpersonationRefused extends Error {}

/**
 * One sentence for people about a request that the API server refused, or that never reached it. `person`: the id of whom the
 * request was made for.
 */
export function describeError(error: unknown, person?: string): string {
  if (error instanceof ImpersonationRefused) return error.message
  const problem = apiProblem(error)
  if (problem === undefined) return `the cluster's API server can't be reached (${causeOf(error)})`
  const security = /violates PodSecurity "([^":]+)[^"]*": (.*)$/s.exec(problem.message)
  if (security !== null) {
    return `the namespace enforces the PodSecurity level "${security[1]}", which forbids: ${security[2]}`
  }
  if (problem.code === 403 && /cannot impersonate resource/.test(problem.message)) {
    return `the bot may not act for ${person} in this cluster: ${problem.message}`
  }
  if (problem.code === 403 && person !== undefined && problem.message.includes(`User "${person}" cannot `)) {
    return `Kubernetes itself gives ${person} no right to this: ${problem.message}`
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
