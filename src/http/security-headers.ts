/** What a page may do beyond loading its own scripts, styles and data. */
export type PagePowers = {
  /** It shows pictures that its data contains. */
  pictures?: boolean
  /** It is framed by, and frames, pages of its own origin. */
  framesOwnPages?: boolean
}

/** Returns the security headers of a page and of its calls: nothing from other sites, no form that leaves it, no caching. */
export function securityHeaders({ pictures = false, framesOwnPages = false }: PagePowers = {}): Record<string, string> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    ...(pictures ? ['img-src data:'] : []),
    "connect-src 'self'",
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
