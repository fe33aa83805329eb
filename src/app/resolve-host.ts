import { Resolver } from 'node:dns/promises'

/** Time limit for an answer of a name server. */
const timeoutMs = 1_500

/**
 * Returns the addresses of a host name by this process's name server; none for an unknown name. A node or pod may
 * resolve it differently: decisions based on this are a safeguard, not a guarantee.
 */
export async function resolveHost(name: string): Promise<readonly string[]> {
  if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1']
  const resolver = new Resolver({ timeout: timeoutMs, tries: 1 })
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}
