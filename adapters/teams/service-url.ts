/**
 * Hosts of the Bot Framework in the public cloud. Other clouds have others, which the owner names (`teams.serviceHosts`).
 * Source: microsoft.github.io/teams-sdk, "Service URL Validation".
 */
export const publicServiceHosts: readonly string[] = [
  'smba.trafficmanager.net',
  'smba.onyx.prod.teams.trafficmanager.net',
  'smba.infra.gcc.teams.microsoft.com',
]

const loopback = /^(?:127\.0\.0\.1|\[::1\]|localhost)(?::\d+)?$/

/**
 * Returns true for an address to which the bot's token may be sent: HTTPS at one of these hosts (`name` or `name:port`).
 * HTTP is accepted only on a loopback address that is one of them.
 */
export function isServiceUrl(text: string, hosts: readonly string[]): boolean {
  const url = URL.parse(text)
  if (url === null || url.username !== '' || url.password !== '') return false
  const isSecure = url.protocol === 'https:' || (url.protocol === 'http:' && loopback.test(url.host))
  return isSecure && hosts.includes(url.host)
}
