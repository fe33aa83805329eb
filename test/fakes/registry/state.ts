import { createHash, randomBytes } from 'node:crypto'

const indexType = 'application/vnd.oci.image.index.v1+json'

type Manifest = { type: string; text: string }

/** What a registry keeps, and how it lets people in. */
export type RegistryState = {
  repositories: Map<string, { tags: Map<string, string>; manifests: Map<string, Manifest> }>
  /** Nothing is asked for; a token of the token service, which anonymous people get for `open` repositories; a password. */
  auth: 'none' | 'bearer' | 'basic'
  open: Set<string>
  user: { name: string; password: string; refreshToken: string }
  /** Tokens that were given out, with the scope that they are good for. */
  tokens: Map<string, string>
  /** Every request, as `METHOD path`, and what it was answered with. */
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

/** Puts a new image under a tag, which is moved when it stood for another; the digest of its index. */
export function push(state: RegistryState, name: string, tag: string, type = indexType): string {
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: type,
    manifests: [],
    nonce: randomBytes(8).toString('hex'),
  })
  const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
  const repository = state.repositories.get(name) ?? { tags: new Map(), manifests: new Map() }
  state.repositories.set(name, repository)
  repository.manifests.set(digest, { type, text })
  repository.tags.set(tag, digest)
  return digest
}

/** The manifest of a tag or digest, if whoever asks takes it in the form that it has. */
export function manifestOf(state: RegistryState, name: string, reference: string, accept: string) {
  const repository = state.repositories.get(name)
  const digest = repository?.tags.get(reference) ?? reference
  const manifest = repository?.manifests.get(digest)
  return manifest === undefined || !accept.includes(manifest.type) ? undefined : { digest, ...manifest }
}

/** A token for a scope, for who may have it; undefined for who mayn't. */
export function giveToken(state: RegistryState, scope: string, known: boolean): string | undefined {
  const [kind, name = '', action] = scope.split(':')
  if (kind !== 'repository' || action !== 'pull' || (!known && !state.open.has(name))) return undefined
  const token = randomBytes(12).toString('base64url')
  state.tokens.set(token, scope)
  return token
}
