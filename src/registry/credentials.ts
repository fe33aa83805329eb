import { readFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { parseJson } from '#core/util/json'
import { RegistryError } from './registry-error.ts'

/** Credentials for a registry or its token service. Never logged. */
export type Credentials = { basic: string } | { refreshToken: string } | { bearer: string }

const entry = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
  registrytoken: z.string().optional(),
})
const dockerConfig = z.object({ auths: z.record(z.string(), entry).default({}) })

type Entry = z.infer<typeof entry>

/**
 * Reads the credentials for a repository from a Docker configuration file, or a Kubernetes secret's
 * `.dockerconfigjson`. Returns undefined where it has none. Reads the file each time, because a mounted secret may
 * change. `file` is the path that the owner configured; left out, Docker's own file, which may be missing. Credential
 * helpers are programs, and aren't run. Throws `RegistryError`.
 */
export async function credentialsFor(
  registry: string,
  name: string,
  file: string | undefined,
): Promise<Credentials | undefined> {
  const path = file ?? join(process.env['DOCKER_CONFIG'] || join(homedir(), '.docker'), 'config.json')
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch {
    if (file === undefined) return undefined
    throw new RegistryError(`the registry's credentials can't be read from ${path}`)
  }
  const { auths } = parse(text, path)
  const matching = Object.keys(auths)
    .filter((key) => appliesTo(key, registry, name))
    .toSorted((one, other) => other.length - one.length)
  const [best = ''] = matching
  return toCredentials(auths[best])
}

function parse(text: string, path: string): z.infer<typeof dockerConfig> {
  const parsed = dockerConfig.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  // Leaves out the parser's message, because it may contain a part of the file.
  throw new RegistryError(`${path} is not a Docker configuration file`)
}

function toCredentials(from: Entry | undefined): Credentials | undefined {
  if (from === undefined) return undefined
  const { auth, username, password, identitytoken, registrytoken } = from
  if (registrytoken) return { bearer: registrytoken }
  if (identitytoken) return { refreshToken: identitytoken }
  if (username && password) return { basic: Buffer.from(`${username}:${password}`).toString('base64') }
  return auth ? { basic: auth } : undefined
}

const dockerHub = ['docker.io', 'index.docker.io', 'registry-1.docker.io']

/**
 * Returns true where a key applies to a repository. Keys are hosts, with or without a scheme, an API version's path, or
 * the beginning of a repository; `*` matches one part of a host.
 * Source: Kubernetes' "Interpretation of config.json", containers-auth.json(5).
 */
function appliesTo(key: string, registry: string, name: string): boolean {
  const [host = '', ...path] = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '')
    .split('/')
  const hosts = dockerHub.includes(registry) ? dockerHub : [registry]
  if (!hosts.some((each) => matchesHost(host, each))) return false
  return path.length === 0 || `${name}/`.startsWith(`${path.join('/')}/`)
}

function matchesHost(pattern: string, host: string): boolean {
  const [patternParts, hostParts] = [pattern.split('.'), host.split('.')]
  return (
    patternParts.length === hostParts.length && patternParts.every((part, at) => part === '*' || part === hostParts[at])
  )
}
