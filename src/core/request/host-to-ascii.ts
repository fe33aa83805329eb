import { domainToASCII } from 'node:url'

/**
 * How a tool reads the arguments that name its hosts. `host`: a name or an address, also with a port. `international`:
 * the same, and names in all letters. `url`: a URL or the beginning of one, in all letters and with percent escapes.
 * `network`: a host, or a network as address and prefix length. `server`: as `host`, for a tool whose other arguments ask
 * about hosts that it doesn't connect to.
 */
export type HostNotation = 'host' | 'international' | 'url' | 'network' | 'server'

/**
 * Decodes percent escapes. Each run of escapes is decoded by itself, so that a malformed one leaves the others decoded;
 * bytes that aren't UTF-8 become U+FFFD, which no host name has.
 */
export function decodePercent(text: string): string {
  return text.replaceAll(/(?:%[0-9a-f]{2})+/gi, (run) =>
    new TextDecoder().decode(Uint8Array.from(run.split('%').slice(1), (hex) => Number.parseInt(hex, 16))),
  )
}

/** Code points that UTS #46 maps differently by its two kinds of processing: ß, ς, and the zero-width joiners. */
const deviations: readonly (readonly [string, string])[] = [
  ['ß', 'ss'],
  ['ẞ', 'ss'],
  ['ς', 'σ'],
  ['\u200c', ''],
  ['\u200d', ''],
]

// Printable ASCII: nothing that UTS #46 maps or removes.
const ascii = /^[\x21-\x7e]*$/

/**
 * Returns the forms of a host name that programs look up, in lower case and ASCII (UTS #46, in both kinds of
 * processing). Empty for a name that isn't valid. An address in letters that are mapped to digits is returned as one.
 */
export function toAsciiHosts(host: string): string[] {
  if (ascii.test(host)) return [host.toLowerCase()]
  const transitional = deviations.reduce((text, [from, to]) => text.replaceAll(from, to), host.toLowerCase())
  return [...new Set([host, transitional].map((each) => domainToASCII(each)))].filter((each) => each !== '')
}
