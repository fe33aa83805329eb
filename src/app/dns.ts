import { Resolver } from 'node:dns/promises'

/** Milliseconds that a name server may take. */
const patience = 1_500

/**
 * The addresses of a name as this process' name server has them; none for a name that it doesn't know. A node or pod may be
 * told others: what is decided by this is a guard, not a wall.
 */
export async function resolveHost(name: string): Promise<readonly string[]> {
  if (name === 'localhost' || name.endsWith('.localhost')) return ['127.0.0.1', '::1']
  const resolver = new Resolver({ timeout: patience, tries: 1 })
  const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
}
