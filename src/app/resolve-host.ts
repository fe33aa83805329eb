import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import type { Target } from '#core/request/target'

/** Time limit for an answer of a name server, and the number of tries. */
const options = { timeout: 1_500, tries: 2 }

/** Look-ups of a name server. */
type Lookups = Pick<Resolver, 'resolve4' | 'resolve6'>

/**
 * Returns the addresses of a host name by this process's name server, also with each search domain behind it; none for a
 * name that doesn't exist. Throws where the name server gives no answer about the name. A node or pod may resolve it
 * differently: decisions based on this are a safeguard, not a guarantee.
 */
export async function resolveHost(
  name: string,
  domains: readonly string[],
  lookups: Lookups = new Resolver(options),
): Promise<readonly string[]> {
  const relative = Promise.allSettled(domains.map((domain) => lookUp(`${name}.${domain}`, lookups)))
  const [own, others] = await Promise.all([lookUp(name, lookups), relative])
  return [...own, ...others.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))]
}

async function lookUp(name: string, lookups: Lookups): Promise<readonly string[]> {
  const answers = await Promise.all([
    lookups.resolve4(name).catch(emptyIfAbsent),
    lookups.resolve6(name).catch(emptyIfAbsent),
  ])
  return answers.flat()
}

/** Returns no address for a name without any; throws for every other failure, such as a timeout. */
function emptyIfAbsent(failure: unknown): string[] {
  const code = failure instanceof Error && 'code' in failure ? failure.code : undefined
  if (code === 'ENOTFOUND' || code === 'ENODATA') return []
  throw failure
}

/** Reads this process's search domains; none where there is no resolv.conf. */
export async function readSearchDomains(path = '/etc/resolv.conf'): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const lines = [...text.matchAll(/^[ \t]*(?:search|domain)[ \t]+(.*)$/gm)]
  return (lines.at(-1)?.[1] ?? '').split(/\s+/).filter((domain) => domain !== '')
}

/**
 * Returns the search domains of a target: those of this process, which has the node's as well where it runs in the
 * cluster, and for a pod those of its namespace. Source: Kubernetes, "DNS for Services and Pods".
 */
export function searchDomainsOf(target: Target, own: readonly string[]): string[] {
  if (target.kind === 'node') return [...own]
  const clusterDomains = own.flatMap((domain) => /^[^.]+\.svc\.(.+)$/.exec(domain)?.[1] ?? [])
  const namespaced = ['cluster.local', ...clusterDomains].flatMap((domain) => [
    `${target.namespace}.svc.${domain}`,
    `svc.${domain}`,
    domain,
  ])
  return [...new Set([...own, ...namespaced])]
}
