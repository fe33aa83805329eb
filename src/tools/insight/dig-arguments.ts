import { withoutDot } from './dns-message.ts'

/** What a `dig` or `drill` asks, as far as its arguments tell. */
export type Asked = {
  /** Names that are asked for, without the dot at their end. */
  names: readonly string[]
  type: string
  /** Names of `+` options that are on, in full; an abbreviation stays as typed. */
  plus: ReadonlySet<string>
}

const classes = /^(?:in|ch|hs|chaos|hesiod|none|any|class\d+)$/i
/** Types that people ask for; other words are names. Source: IANA, DNS parameters. */
const types = new Set(
  `A AAAA AFSDB ANY APL AXFR CAA CDNSKEY CDS CERT CNAME DHCID DLV DNAME DNSKEY DS EUI48 EUI64 HINFO HIP HTTPS IXFR KEY KX LOC MX
  NAPTR NS NSEC NSEC3 NSEC3PARAM OPENPGPKEY PTR RP RRSIG SIG SMIMEA SOA SPF SRV SSHFP SVCB TKEY TLSA TSIG TXT URI ZONEMD`.split(
    /\s+/,
  ),
)
/** Options that take the next argument. Source: dig(1). */
const valued = new Set(['-b', '-c', '-f', '-k', '-p', '-y'])

/** Reads the names, the type and the `+` options of a `dig`. */
export function readAsked(argv: readonly string[]): Asked {
  const names: string[] = []
  const plus = new Set<string>()
  let type = ''
  for (let at = 1; at < argv.length; at += 1) {
    const arg = argv[at] ?? ''
    if (valued.has(arg)) at += 1
    else if (arg === '-t') type = (argv[++at] ?? '').toUpperCase()
    else if (arg === '-q' || arg === '-x') {
      names.push(withoutDot(argv[++at] ?? ''))
      if (arg === '-x') type ||= 'PTR'
    } else if (arg.startsWith('+')) togglePlus(plus, arg.slice(1))
    else if (arg.startsWith('@') || arg.startsWith('-') || classes.test(arg)) continue
    else if (types.has(arg.toUpperCase().split('=')[0] ?? '')) type = arg.toUpperCase().split('=')[0] ?? ''
    else names.push(withoutDot(arg))
  }
  return { names, type: type || 'A', plus }
}

function togglePlus(plus: Set<string>, option: string): void {
  const name = option.split('=')[0] ?? ''
  if (name === 'noall') plus.clear()
  if (name === 'all' || !name.startsWith('no')) plus.add(name)
  else plus.delete(name.slice(2))
  if (name === 'noall') plus.add('noall')
}
