/** What a page may do beyond loading its own scripts, styles and data. */
export type PagePowers = {
  /** It shows pictures that its data contains. */
  pictures?: boolean
  /** It is framed by, and frames, pages of its own origin. */
  framesOwnPages?: boolean
  /** Its scripts make `<style>` elements, which carry this nonce. */
  styleNonce?: string
  /** Origin of its WebSockets. */
  sockets?: string
}

/** Returns the security headers of a page and of its calls: nothing from other sites, no form that leaves it, no caching. */
export function securityHeaders({
  pictures = false,
  framesOwnPages = false,
  styleNonce,
  sockets,
}: PagePowers = {}): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${styleNonce === undefined ? '' : ` 'nonce-${styleNonce}'`}`,
    ...(pictures ? ['img-src data:'] : []),
    `connect-src 'self'${sockets === undefined ? '' : ` ${sockets}`}`,
    ...(framesOwnPages ? ["frame-src 'self'", "frame-ancestors 'self'"] : ["frame-ancestors 'none'"]),
    "base-uri 'none'",
    "form-action 'none'",
  ]
  return {
    'content-security-policy': policy.join('; '),
    'x-content-type-options': 'nosniff',
    ...(framesOwnPages ? {} : { 'x-frame-options': 'DENY' }),
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  }
}
