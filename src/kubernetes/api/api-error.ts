import { ApiException } from '@kubernetes/client-node/dist/gen/index.js'
import { parseJson, toRecord } from '#core/util/json'

/** Error response of the API server: HTTP status code, machine-readable reason, and message. */
export type ApiProblem = { code: number; reason: string; message: string }

/** Returns the API server's error response; undefined for any other error (no connection, a bug). */
export function apiProblem(error: unknown): ApiProblem | undefined {
  if (!(error instanceof ApiException)) return undefined
  const body = parseBody(error.body)
  return { code: error.code, reason: asText(body['reason']), message: asText(body['message']) || error.message }
}

function parseBody(body: unknown): Readonly<Record<string, unknown>> {
  return typeof body === 'string' ? toRecord(parseJson(body) ?? { message: body }) : toRecord(body)
}

function asText(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

export function isNotFound(error: unknown): boolean {
  return apiProblem(error)?.code === 404
}

/** Refusal to act for a person who must not be impersonated, whatever permissions the bot has. */
export class ImpersonationRefused extends Error {}

/**
 * Describes a request that the API server refused, or that never reached it, in one sentence for people. `person`: id
 * of the person for whom the request was made.
 */
export function describeError(error: unknown, person?: string): string {
  if (error instanceof ImpersonationRefused) return error.message
  const problem = apiProblem(error)
  if (problem === undefined) return `the cluster's API server can't be reached (${describeCause(error)})`
  const security = /violates PodSecurity "([^":]+)(?::[^"]*)?": ([\s\S]*)/.exec(problem.message)
  if (security !== null) {
    return `the namespace enforces the PodSecurity level "${security[1]}", which forbids: ${security[2]}`
  }
  if (problem.code === 403 && /cannot impersonate resource/.test(problem.message)) {
    return `the bot may not impersonate ${person} in this cluster: ${problem.message}`
  }
  if (problem.code === 403 && person !== undefined && problem.message.includes(`User "${person}" cannot `)) {
    return `Kubernetes does not allow this for ${person}: ${problem.message}`
  }
  if (problem.code === 403 && /cannot \w+ resource/.test(problem.message)) {
    return `the bot's own account lacks a permission in the cluster: ${problem.message}`
  }
  return `the cluster refused it: ${problem.message}`
}

function describeCause(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message : error.message
}
