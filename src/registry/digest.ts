import { createHash } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { digestForm } from '#core/request/image'
import { defaultTiming, type Timing } from '#core/util/timing'
import { challengeOf } from './challenge.ts'
import { credentialsFor } from './credentials.ts'
import { bodyOf, type RequestPolicy, request } from './http.ts'
import { RegistryError } from './problem.ts'
import { type RegistryReference, registryReferenceOf } from './reference.ts'
import { authorizationFor } from './token.ts'

export type RegistryOptions = {
  /** File with credentials; left out, Docker's own. */
  dockerConfig?: string
  /** Hosts (with their port) that may be asked without encryption, besides this machine's own. */
  insecure: readonly string[]
}

/** What of the program's times concerns registries. */
export type RegistryTiming = Pick<Timing, 'registryTimeoutMs' | 'registryRetryMs'>

/** Milliseconds that a registry's own word may make of the pause before the second try. */
const longestPause = 2_000

/** Manifests as registries keep them: an index over platforms first, since nodes may have several. */
const manifestTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ')

/**
 * The digest (`sha256:…`) that an image's tag stands for in its registry now, or why it can't be told, in one sentence without
 * its full stop. Never rejects. Source: OCI Distribution Specification v1.1.
 */
export async function digestOf(
  image: string,
  options: RegistryOptions,
  timing: RegistryTiming = defaultTiming,
): Promise<{ digest: string } | { problem: string }> {
  const where = registryReferenceOf(image, options.insecure)
  if ('problem' in where) return where
  const way = { api: where.api, insecure: options.insecure, signal: AbortSignal.timeout(timing.registryTimeoutMs) }
  try {
    return { digest: await lookUp(where, way, options.dockerConfig, timing) }
  } catch (error) {
    return { problem: describe(error, where, way.signal.aborted, timing) }
  }
}

async function lookUp(
  where: RegistryReference,
  way: RequestPolicy,
  dockerConfig: string | undefined,
  timing: RegistryTiming,
): Promise<string> {
  const session: Session = { where, way, dockerConfig, timing, authorization: undefined }
  const head = await manifest('HEAD', session)
  const told = head.headers.get('docker-content-digest')
  // A registry that lies about a digest gains nothing: the node's runtime takes only bytes that have it.
  if (head.ok && told !== null) return checked(told, where)
  // Some answer HEAD not at all, or without the digest: then the manifest itself has it.
  const answer = await manifest('GET', session)
  if (!answer.ok) throw new RegistryError(refusal(answer.status, where))
  const digest = `sha256:${createHash('sha256')
    .update(await bodyOf(answer))
    .digest('hex')}`
  const named = answer.headers.get('docker-content-digest')
  if (named !== null && checked(named, where) !== digest) {
    throw new RegistryError(`${where.registry} answers with another manifest than it says`)
  }
  return digest
}

function checked(digest: string, { registry }: RegistryReference): string {
  if (digestForm.test(digest)) return digest
  throw new RegistryError(`${registry} answers with a digest that isn't SHA-256`)
}

type Session = {
  where: RegistryReference
  way: RequestPolicy
  dockerConfig: string | undefined
  timing: RegistryTiming
  authorization: string | undefined
}

/** Asks for the manifest; shows what the registry wants to see, and tries once more where it had trouble. */
async function manifest(method: 'GET' | 'HEAD', session: Session): Promise<Response> {
  const { where, way, dockerConfig, timing } = session
  const url = new URL(`${where.name}/manifests/${where.reference}`, where.api)
  let retried = false
  for (;;) {
    const { authorization } = session
    const headers = { accept: manifestTypes, ...(authorization === undefined ? {} : { authorization }) }
    const answer = await request(url, { method, headers }, way)
    const wait = retried ? undefined : pauseAfter(answer, timing)
    if (wait === undefined && answer.status !== 401) return answer
    if (wait !== undefined) {
      retried = true
      await answer.body?.cancel()
      await pause(wait, undefined, { signal: way.signal })
      continue
    }
    await answer.body?.cancel()
    const challenge = challengeOf(answer.headers.get('www-authenticate') ?? '')
    if (authorization !== undefined || challenge === undefined) throw new RegistryError(refusal(401, where))
    const credentials = await credentialsFor(where.registry, where.name, dockerConfig)
    session.authorization = await authorizationFor(challenge, where, credentials, way)
    if (session.authorization === undefined) throw new RegistryError(refusal(401, where))
  }
}

/** Milliseconds until another try is worth it; undefined where it isn't. */
function pauseAfter(answer: Response, { registryRetryMs }: RegistryTiming): number | undefined {
  if (answer.status !== 429 && answer.status < 500) return undefined
  const asked = Number(answer.headers.get('retry-after') ?? Number.NaN) * 1_000
  if (Number.isNaN(asked)) return registryRetryMs
  return asked <= longestPause ? asked : undefined
}

function refusal(status: number, { registry, name, reference }: RegistryReference): string {
  if (status === 401 || status === 403) return `${registry} does not let the bot read ${name}`
  if (status === 404) return `${registry} has no ${name}:${reference}`
  if (status === 429) return `${registry} is asked too often`
  return `${registry} has trouble of its own (${status})`
}

function describe(error: unknown, { registry }: RegistryReference, late: boolean, timing: RegistryTiming): string {
  if (error instanceof RegistryError) return error.message
  if (late) return `${registry} does not answer within ${timing.registryTimeoutMs / 1_000} s`
  // Only the code: the rest of such an error may hold an address with a token in it.
  const code = failure.safeParse(error).data?.cause.code
  return `${registry} does not answer${code === undefined ? '' : ` (${code})`}`
}

/** What `fetch` throws. */
const failure = z.object({ cause: z.object({ code: z.string() }) })
