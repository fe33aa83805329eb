import { defined } from '#core/util/defined'
import { firstMatch, linesOf, matching } from './insight-helpers.ts'

/** Resource record as dig and drill print it. TTL and class may be left out (`+nottlid`, `+noclass`). */
export type DnsRecord = { name: string; type: string; data: string; ttl?: string }

/** One DNS message, as far as it is printed. Names have no dot at their end. */
export type DnsMessage = {
  status: string
  /** The question; empty where it isn't printed. */
  name: string
  type: string
  flags: readonly string[]
  /** Numbers of records in the message, printed or not. */
  counts: { answer: number; authority: number }
  answers: readonly DnsRecord[]
  authority: readonly DnsRecord[]
  server?: string
  milliseconds?: number
  /** Number of tries before this answer that got none. */
  failedTries: number
  /** True where the answer was too big for UDP and was asked for again over TCP. */
  retriedOverTcp: boolean
}

/** Server that didn't answer, and why. */
export type NoServer = { server?: string; why?: string }

const classes = /^(?:IN|CH|HS|NONE|ANY|CLASS\d+)$/
const types = /^(?:[A-Z][A-Z0-9-]*|TYPE\d+)$/
const ttls = /^(?:\d+|(?:\d+[wdhms])+)$/i

/** Parses a line `NAME [TTL] [CLASS] TYPE DATA`; undefined for other lines. */
export function parseRecord(line: string): DnsRecord | undefined {
  if (line === '' || /^[;\s]/.test(line)) return undefined
  const [name = '', ...rest] = line.split(/\s+/)
  const ttl = ttls.test(rest[0] ?? '') ? rest.shift() : undefined
  if (classes.test(rest[0] ?? '') && rest.length > 2) rest.shift()
  const [type = '', ...data] = rest
  if (!types.test(type) || data.length === 0) return undefined
  return { name: withoutDot(name), type, data: data.join(' '), ...defined({ ttl }) }
}

/** Returns a name without the dot at its end; the root stays a dot. */
export function withoutDot(name: string): string {
  return name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name
}

/** Returns the records of a section; undefined where its heading isn't printed. */
function recordsOf(lines: readonly string[], section: 'ANSWER' | 'AUTHORITY'): DnsRecord[] | undefined {
  const begin = lines.indexOf(`;; ${section} SECTION:`)
  if (begin === -1) return undefined
  const rest = lines.slice(begin + 1)
  const end = rest.findIndex((line) => line === '' || line.startsWith(';;'))
  return rest.slice(0, end === -1 ? undefined : end).flatMap((line) => parseRecord(line) ?? [])
}

/** Returns the number of DNS messages in an output. */
export function countMessages(text: string): number {
  return matching(text, /^;; ->>HEADER<<- (opcode)/).length
}

/** Parses the only DNS message of an output; undefined where there is none, or where records of it aren't printed. */
export function parseMessage(text: string): DnsMessage | undefined {
  const [status] = firstMatch(text, /^;; ->>HEADER<<- opcode: QUERY, (?:status|rcode): (\w+)/) ?? []
  const [flags, answer, authority] = firstMatch(text, /^;; flags: ([a-z ]*);.* ANSWER: (\d+), AUTHORITY: (\d+),/) ?? []
  if (status === undefined || flags === undefined) return undefined
  const lines = linesOf(text)
  const counts = { answer: Number(answer), authority: Number(authority) }
  const answers = recordsOf(lines, 'ANSWER') ?? []
  // Without the answer section (`+noanswer`), what is in it isn't known.
  if (counts.answer > 0 && answers.length === 0) return undefined
  const [, question = ''] = /^;{1,2} ?(\S.*)$/.exec(findQuestion(lines)) ?? []
  const [name = '', ...rest] = question.split(/\s+/)
  const [time, unit] = firstMatch(text, /^;; Query time: (\d+) ([mu])sec/) ?? []
  const [server] = firstMatch(text, /^;; SERVER: ([^\s(]+)(?:\(.*)?$/) ?? []
  return {
    status,
    name: withoutDot(name),
    type: rest.at(-1) ?? '',
    flags: flags.split(' ').filter((flag) => flag !== ''),
    counts,
    answers,
    authority: recordsOf(lines, 'AUTHORITY') ?? [],
    ...defined({ server }),
    ...(time === undefined ? {} : { milliseconds: Number(time) / (unit === 'u' ? 1_000 : 1) }),
    failedTries: countFailedTries(text),
    retriedOverTcp: lines.some((line) => line.startsWith(';; Truncated, retrying in TCP mode')),
  }
}

function findQuestion(lines: readonly string[]): string {
  const begin = lines.indexOf(';; QUESTION SECTION:')
  return begin === -1 ? '' : (lines[begin + 1] ?? '')
}

/** A try without an answer: over UDP, or over TCP. */
const failedTry = /^;; (?:communications error to|Connection to) ([^\s(]+)(?:\([^)]*\) for \S+ failed)?: (.+)$/

/** Returns the number of tries that got no answer. */
export function countFailedTries(text: string): number {
  return linesOf(text).filter((line) => failedTry.test(line)).length
}

/** Returns the server that didn't answer; undefined where the output doesn't end that way. */
export function parseNoServer(text: string): NoServer | undefined {
  if (!linesOf(text).some((line) => /^;; (?:connection timed out; )?no servers could be reached/.test(line)))
    return undefined
  const [server, why] = firstMatch(text, failedTry) ?? []
  return server === undefined || why === undefined ? {} : { server, why }
}
