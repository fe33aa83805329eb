import { defined } from '#core/util/defined'
/** Authentication that a registry demands. */
export type Challenge = { scheme: 'basic' } | { scheme: 'bearer'; realm: string; service?: string; scope?: string }

/**
 * Parses `WWW-Authenticate`, which may contain several challenges; prefers a bearer token to a password.
 * Source: RFC 9110, 11.6.1; Distribution Registry Token Authentication.
 */
export function challengeOf(header: string): Challenge | undefined {
  const bearer = parseParameters(header, 'bearer')
  const realm = bearer?.get('realm')
  if (realm !== undefined) {
    const [service, scope] = [bearer?.get('service'), bearer?.get('scope')]
    return {
      scheme: 'bearer',
      realm,
      ...defined({ service, scope }),
    }
  }
  return parseParameters(header, 'basic') === undefined ? undefined : { scheme: 'basic' }
}

const parameter = /[\s,]*([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/y

function parseParameters(header: string, scheme: string): Map<string, string> | undefined {
  const found = new RegExp(`(?:^|,)\\s*${scheme}(?:\\s+|$)`, 'i').exec(header)
  if (found === null) return undefined
  const parameters = new Map<string, string>()
  parameter.lastIndex = found.index + found[0].length
  for (let next = parameter.exec(header); next !== null; next = parameter.exec(header)) {
    const [, name = '', quoted, plain] = next
    parameters.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain ?? '')
  }
  return parameters
}
