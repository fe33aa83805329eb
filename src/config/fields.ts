import { z } from 'zod'

export const strings = z.array(z.string().min(1))
export const port = z.int().min(0).max(65_535)

// Without a flag, which JSON Schema doesn't know.
export const guid = z
  .string()
  .regex(/^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$/, 'must be a GUID, as Entra shows it')

/** URL that secrets are sent to: https, or http to the local machine only. Trailing slashes are removed. */
export const secureUrl = z
  .url()
  .refine((text) => /^https:|^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(`${text}/`), 'the URL must begin with https:')
  .transform((text) => text.replace(/(?<!\/)\/+$/, ''))

/**
 * URL of a page that needs what browsers give to secure contexts alone (`what`): https, or http to the machine of the browser. Trailing slashes are
 * removed. Source: W3C, "Secure Contexts".
 */
export const pageUrl = (what: string) =>
  z
    .url({ protocol: /^https?$/ })
    .refine(
      (text) => /^https:|^http:\/\/(127\.0\.0\.1|localhost|\[::1\])[:/]/.test(`${text}/`),
      `must begin with https: browsers give ${what} to no page over plain http, except on localhost`,
    )
    .transform((text) => text.replace(/(?<!\/)\/+$/, ''))
