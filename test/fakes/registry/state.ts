import { createHash, randomBytes } from 'node:crypto'

const indexType = 'application/vnd.oci.image.index.v1+json'

type Manifest = { type: string; text: string }

/** Content of a registry, and how clients authenticate. */
export type RegistryState = {
  repositories: Map<string, { tags: Map<string, string>; manifests: Map<string, Manifest> }>
  /** `none`: no credentials; `bearer`: a token of the token service, also anonymously for `open` repositories; `basic`: a password. */
  auth: 'none' | 'bearer' | 'basic'
  open: Set<string>
  user: { name: string; password: string; refreshToken: string }
  /** Issued tokens with their scopes. */
  tokens: Map<string, string>
  /** All requests, as `METHOD path`, with the status of the answer. */
  requests: { line: string; status: number; authorization?: string }[]
}

export function newRegistry(): RegistryState {
  return {
    repositories: new Map(),
    auth: 'none',
    open: new Set(),
    user: { name: 'puller', password: 'a-password-of-the-registry', refreshToken: 'a-refresh-token-of-the-registry' },
    tokens: new Map(),
    requests: [],
  }
}

/** Pushes a new image to a tag, which may exist already. Returns the digest of the image's index. */
export function push(
  state: RegistryState,
  name: string,
  tag: string,
  type = indexType,
  architectures: readonly string[] = [],
): string {
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: type,
    manifests: architectures.map((architecture) => ({ platform: { os: 'linux', architecture } })),
    nonce: randomBytes(8).toString('hex'),
  })
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
  const repository = state.repositories.get(name) ?? { tags: new Map(), manifests: new Map() }
  state.repositories.set(name, repository)
  repository.manifests.set(digest, { type, text })
  repository.tags.set(tag, digest)
  return digest
}

/** Returns the manifest of a tag or digest, if the Accept header has its media type. */
export function manifestOf(state: RegistryState, name: string, reference: string, accept: string) {
  const repository = state.repositories.get(name)
  const digest = repository?.tags.get(reference) ?? reference
  const manifest = repository?.manifests.get(digest)
  return manifest === undefined || !accept.includes(manifest.type) ? undefined : { digest, ...manifest }
}

/** Issues a token for a scope; undefined if the client may not have it. `known`: whether the client has authenticated. */
export function issueToken(state: RegistryState, scope: string, known: boolean): string | undefined {
  const [kind, name = '', action] = scope.split(':')
  if (kind !== 'repository' || action !== 'pull' || (!known && !state.open.has(name))) return undefined
  const token = randomBytes(12).toString('base64url')
  state.tokens.set(token, scope)
  return token
}
