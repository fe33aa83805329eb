import { createHash } from 'node:crypto'
import { digestForm, imageName } from '#core/request/image'
import { defaultTiming, type Timing } from '#core/util/default-timings'
import { defined } from '#core/util/defined'
import { delay } from '#core/util/delay'
import { networkFailure } from '#core/util/network-failure'
import { poll, processClock } from '#core/util/retry'
import { challengeOf } from './challenge.ts'
import { credentialsFor } from './credentials.ts'
import { bodyOf, type RequestPolicy, request } from './http.ts'
import { type RegistryReference, registryReferenceOf } from './reference.ts'
import { RegistryError } from './registry-error.ts'
import { authorizationFor } from './token.ts'

export type RegistryOptions = {
  /** File with credentials; left out, Docker's own. */
  dockerConfig?: string
  /** Hosts (with their port) that may be asked without encryption, besides this machine's own. */
  insecure: readonly string[]
}

/** Times of the program that concern registries, in milliseconds. */
export type RegistryTiming = Pick<Timing, 'registryTimeoutMs' | 'registryRetryMs'>

/** Maximum of a registry's `Retry-After`, in milliseconds, for which the request is retried. */
const maxRetryAfterMs = 2_000

/** Media types of manifests. An index of platforms is first, because nodes may have several. */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/**
 * Returns the digest (`sha256:…`) that an image's tag has in its registry now, or why it can't be determined, in one
 * sentence without its full stop. Never rejects. Source: OCI Distribution Specification v1.1.
 */
export async function digestOf(
  image: string,
  options: RegistryOptions,
  timing: RegistryTiming = defaultTiming,
): Promise<{ digest: string } | { problem: string }> {
  const where = registryReferenceOf(image, options.insecure)
  if ('problem' in where) return where
  const policy = { api: where.api, insecure: options.insecure, signal: AbortSignal.timeout(timing.registryTimeoutMs) }
  try {
    return { digest: await lookUp(where, policy, options.dockerConfig, timing) }
  } catch (error) {
    return { problem: describeFailure(error, where, policy.signal.aborted, timing) }
  }
}

/** Manifest of an image, or index of manifests. `text` is JSON of the registry. */
export type ImageManifest = { digest: string; text: string }
/** Why there is none, in one sentence without its full stop; `status` of the registry's answer, where there is one. */
export type ManifestProblem = { problem: string; status?: number }

/** Returns the manifest of a tag or, where the image has one, of a digest. Never rejects. */
export async function readManifest(
  image: string,
  options: RegistryOptions,
  timing: RegistryTiming = defaultTiming,
): Promise<ImageManifest | ManifestProblem> {
  const at = registryReferenceOf(image, options.insecure)
  if ('problem' in at) return at
  const where = { ...at, reference: imageName(image).digest ?? at.reference }
  const policy = { api: where.api, insecure: options.insecure, signal: AbortSignal.timeout(timing.registryTimeoutMs) }
  try {
    const { dockerConfig } = options
    const answer = await requestManifest('GET', { where, way: policy, dockerConfig, timing, authorization: undefined })
    if (!answer.ok) return { problem: describeStatus(answer.status, where), status: answer.status }
    const bytes = await bodyOf(answer)
    return { digest: sha256Of(bytes), text: Buffer.from(bytes).toString('utf8') }
  } catch (error) {
    const status = error instanceof RegistryError ? error.status : undefined
    const problem = describeFailure(error, where, policy.signal.aborted, timing)
    return { problem, ...defined({ status }) }
  }
}

async function lookUp(
  where: RegistryReference,
  policy: RequestPolicy,
  dockerConfig: string | undefined,
  timing: RegistryTiming,
): Promise<string> {
  const lookup: DigestLookup = { where, way: policy, dockerConfig, timing, authorization: undefined }
  const head = await requestManifest('HEAD', lookup)
  const headDigest = head.headers.get('docker-content-digest')
  // A wrong digest gains a registry nothing: the node's runtime accepts only bytes that have it.
  if (head.ok && headDigest !== null) return checkDigest(headDigest, where)
  // Some registries don't support HEAD, or leave out the digest: then it is computed from the manifest.
  const answer = await requestManifest('GET', lookup)
  if (!answer.ok) throw new RegistryError(describeStatus(answer.status, where))
  const digest = sha256Of(await bodyOf(answer))
  const named = answer.headers.get('docker-content-digest')
  if (named !== null && checkDigest(named, where) !== digest) {
    throw new RegistryError(`${where.registry} returned a manifest that does not match its digest`)
  }
  return digest
}

function sha256Of(bytes: Uint8Array): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

function checkDigest(digest: string, { registry }: RegistryReference): string {
  if (digestForm.test(digest)) return digest
  throw new RegistryError(`${registry} returned a digest that isn't SHA-256`)
}

type DigestLookup = {
  where: RegistryReference
  way: RequestPolicy
  dockerConfig: string | undefined
  timing: RegistryTiming
  authorization: string | undefined
}

/** Requests the manifest. Authenticates if the registry demands it. Rejects with `RegistryError` where that fails. */
async function requestManifest(method: 'GET' | 'HEAD', lookup: DigestLookup): Promise<Response> {
  const { where } = lookup
  const answer = await send(method, lookup)
  if (answer.status !== 401) return answer
  if (lookup.authorization === undefined) {
    lookup.authorization = await authorize(answer, lookup)
    const authorized = await send(method, lookup)
    if (authorized.status !== 401) return authorized
  }
  throw new RegistryError(describeStatus(401, where), 401)
}

/** Returns the authorization that a registry's answer demands; undefined where there is none. */
async function authorize(answer: Response, { where, way: policy, dockerConfig }: DigestLookup) {
  const challenge = challengeOf(answer.headers.get('www-authenticate') ?? '')
  if (challenge === undefined) throw new RegistryError(describeStatus(401, where), 401)
  const credentials = await credentialsFor(where.registry, where.name, dockerConfig)
  const authorization = await authorizationFor(challenge, where, credentials, policy)
  if (authorization === undefined) throw new RegistryError(describeStatus(401, where), 401)
  return authorization
}

/** Sends a request; retries it once after HTTP 429 or 5xx. */
async function send(method: 'GET' | 'HEAD', { where, way: policy, timing, authorization }: DigestLookup) {
  const url = new URL(`${where.name}/manifests/${where.reference}`, where.api)
  const headers = { accept: manifestTypes, ...defined({ authorization }) }
  const sendOnce = async () => {
    const answer = await request(url, { method, headers }, policy)
    const retryDelayMs = retryDelayOf(answer, timing)
    if (retryDelayMs !== undefined || answer.status === 401) await answer.body?.cancel()
    return { answer, retryDelayMs }
  }
  const { answer } = await poll(
    sendOnce,
    ({ retryDelayMs }, { attempt }) => (attempt === 1 ? retryDelayMs : undefined),
    { ...processClock, sleep: (delayMs) => delay(delayMs, policy.signal) },
  )
  return answer
}

/** Returns the milliseconds until a retry; undefined where none is useful. */
function retryDelayOf(answer: Response, { registryRetryMs }: RegistryTiming): number | undefined {
  if (answer.status !== 429 && answer.status < 500) return undefined
  const retryAfterMs = Number(answer.headers.get('retry-after') ?? Number.NaN) * 1_000
  if (Number.isNaN(retryAfterMs)) return registryRetryMs
  return retryAfterMs <= maxRetryAfterMs ? retryAfterMs : undefined
}

function describeStatus(status: number, { registry, name, reference }: RegistryReference): string {
  if (status === 401 || status === 403) return `${registry} does not let the bot read ${name}`
  if (status === 404) return `${registry} has no ${name}${reference.includes(':') ? '@' : ':'}${reference}`
  if (status === 429) return `${registry} limits the bot's requests`
  return `${registry} has an internal error (${status})`
}

function describeFailure(
  error: unknown,
  { registry }: RegistryReference,
  isTimeout: boolean,
  timing: RegistryTiming,
): string {
  if (error instanceof RegistryError) return error.message
  if (isTimeout) return `${registry} did not respond within ${timing.registryTimeoutMs / 1_000} s`
  // Only the code, because the rest of such an error may contain an address with a token in it.
  const why = networkFailure(error)
  return `${registry} is unreachable${why === undefined ? '' : ` (${why})`}`
}
