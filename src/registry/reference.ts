import { digestForm, imageName } from '#core/request/image'

/** Location of an image in a registry; `reference` is a tag. */
export type RegistryReference = {
  /** Host in the image's name; `docker.io` where it has none. */
  registry: string
  /** Base URL of its API. */
  api: URL
  name: string
  reference: string
}

/**
 * Path components of a repository, joined by slashes. Source: OCI Distribution Specification v1.1, "Pulling manifests".
 */
const nameForm = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/
const tagForm = /^\w[\w.-]{0,127}$/
const hostForm = /^(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:]+\])(?::\d{1,5})?$/i

/**
 * Parses the name of an image by the rules of Docker and container runtimes: a first part with a dot, a colon or the
 * name `localhost` is a host, everything else is Docker Hub's. `insecure`: hosts to which the owner allows unencrypted
 * requests.
 */
export function registryReferenceOf(
  image: string,
  insecure: readonly string[],
): RegistryReference | { problem: string } {
  const { repo, tag = 'latest', digest } = imageName(image)
  const slash = repo.indexOf('/')
  const first = repo.slice(0, Math.max(0, slash))
  const hasHost = /[.:]/.test(first) || first === 'localhost'
  const registry = hasHost ? first : 'docker.io'
  const rest = hasHost ? repo.slice(slash + 1) : repo
  const name = registry === 'docker.io' && !rest.includes('/') ? `library/${rest}` : rest
  const hasValidDigest = digest === undefined || digestForm.test(digest)
  if (!hostForm.test(registry) || !nameForm.test(name) || !tagForm.test(tag) || !hasValidDigest) {
    return { problem: `"${image}" is not a valid image name` }
  }
  // By convention, images that are built or loaded by hand have this name, and no registry has them.
  if (registry === 'localhost') return { problem: `${image} is not in any registry` }
  const host = registry === 'docker.io' ? 'registry-1.docker.io' : registry
  const scheme = isLoopback(host) || insecure.includes(registry) ? 'http' : 'https'
  const api = URL.parse(`${scheme}://${host}/v2/`)
  return api === null ? { problem: `"${image}" is not a valid image name` } : { registry, api, name, reference: tag }
}

/** Returns true for this machine's own addresses, with or without a port. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d+)?$/.test(host)
}
