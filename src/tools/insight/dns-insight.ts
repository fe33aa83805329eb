import { type Insight, interpretWith, type Reader, type ToolOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { type Asked, readAsked } from './dig-arguments.ts'
import {
  countFailedTries,
  countMessages,
  type DnsMessage,
  type DnsRecord,
  type NoServer,
  parseMessage,
  parseNoServer,
  parseRecord,
  withoutDot,
} from './dns-message.ts'
import { addressForm, factsOf, linesOf, listed, millisecondsText, type Verdict } from './insight-helpers.ts'

/** Explanations of DNS response codes. Source: RFC 1035. */
const codes: Readonly<Record<string, string>> = {
  NXDOMAIN: 'there is no such name',
  SERVFAIL: 'the name server failed: it could not reach another one, or the answer was not valid (DNSSEC)',
  REFUSED: 'the name server refuses such queries, or refuses us',
  FORMERR: 'the name server did not understand the query',
  NOTIMP: 'the name server does not support this',
  NOTAUTH: 'the name server is not responsible for this zone',
}

/** What `dig` or `drill` proves. */
export type DnsData =
  | { kind: 'message'; message: DnsMessage; asked: Asked }
  /** Data alone (`+short`); `lines` are in the order of the chain. */
  | { kind: 'short'; name: string; type: string; lines: readonly string[]; failedTries: number }
  /** Records of the answer alone (`+noall +answer`). */
  | { kind: 'records'; name: string; type: string; records: readonly DnsRecord[] }
  | { kind: 'no-server'; noServer: NoServer }

/** Options that print several messages, or in another form. */
const otherForms = ['trace', 'nssearch', 'yaml']

function readDig({ text, argv, exit }: ToolOutput): DnsData | undefined {
  const asked = readAsked(argv)
  const messages = countMessages(text)
  // Several questions have several answers, and a headline about one would hide the others.
  if (messages > 1 || asked.names.length > 1 || otherForms.some((option) => asked.plus.has(option))) return undefined
  if (['AXFR', 'IXFR'].includes(asked.type) || argv.includes('-f')) return undefined
  const noServer = parseNoServer(text)
  if (noServer !== undefined) return messages === 0 ? { kind: 'no-server', noServer } : undefined
  const [name] = asked.names
  if (messages === 1) {
    const message = parseMessage(text)
    if (message === undefined) return undefined
    return { kind: 'message', asked, message: message.name === '' ? { ...message, name: name ?? '' } : message }
  }
  if (name === undefined) return undefined
  const lines = linesOf(text).filter((line) => line !== '' && !line.startsWith(';'))
  if (asked.plus.has('short')) return readShort(name, asked.type, { text, lines, exit })
  if (!asked.plus.has('noall') || !asked.plus.has('answer')) return undefined
  const records = lines.flatMap((line) => parseRecord(line) ?? [])
  const [first] = records
  if (first === undefined || records.length !== lines.length) return undefined
  return { kind: 'records', name: first.name, type: asked.type, records }
}

function readShort(
  name: string,
  type: string,
  { text, lines, exit }: { text: string; lines: readonly string[]; exit: number | undefined },
): DnsData | undefined {
  if (lines.length === 0 && exit !== 0) return undefined
  return { kind: 'short', name, type, lines, failedTries: countFailedTries(text) }
}

function sayDig(data: DnsData): Insight | undefined {
  switch (data.kind) {
    case 'no-server':
      return sayNoServer(data.noServer)
    case 'short':
      return sayShort(data)
    case 'records':
      return { ...sayRecords(data.name, data.type, data.records), facts: [] }
    case 'message':
      return sayMessage(data.message, data.asked)
  }
}

/** Reader of `dig` and `drill`: status, records, server and time of one answer. */
export const digReader: Reader<DnsData> = { read: readDig, say: sayDig }
export const digInsight = interpretWith(digReader)

function sayMessage(message: DnsMessage, asked: Asked): Insight {
  const { status, counts, answers, server, milliseconds } = message
  const verdict = toVerdict(message)
  return {
    ...withFailedTries(verdict, message.failedTries),
    facts: factsOf({
      status,
      answers: status === 'NOERROR' ? String(counts.answer) : undefined,
      TTL: answers[0]?.ttl === undefined ? undefined : `${answers[0].ttl}${/\d$/.test(answers[0].ttl) ? ' s' : ''}`,
      server,
      time: milliseconds === undefined ? undefined : millisecondsText(milliseconds),
      truncated: message.retriedOverTcp ? 'the answer was too big for UDP: is TCP 53 open?' : undefined,
      'search list': searchListNote(message, asked),
    }),
  }
}

/**
 * Returns a note for a name that can only be meant to be completed by a search list: it has one label, ends like a
 * Service, or its last label doesn't exist in the public DNS (the root's SOA came with the answer).
 */
function searchListNote({ status, name, authority }: DnsMessage, { plus }: Asked): string | undefined {
  if (status !== 'NXDOMAIN' || name === '' || plus.has('search') || plus.has('showsearch')) return undefined
  const isShort = !name.includes('.') || name.endsWith('.svc')
  const isUnknownAtRoot = authority.some((record) => record.type === 'SOA' && record.name === '.')
  if (name.endsWith('.arpa') || name.endsWith('.local') || !(isShort || isUnknownAtRoot)) return undefined
  return `was not used: \`dig +search ${name}\` completes the name as programs do`
}

/** Adds that tries before the answer failed: a warning, since each costs seconds. */
export function withFailedTries({ severity, headline }: Verdict, failedTries: number): Verdict {
  if (failedTries === 0) return { severity, headline }
  const tries = failedTries === 1 ? '1 try' : `${failedTries} tries`
  return {
    severity: severity === 'ok' ? 'warn' : severity,
    headline: `${headline}, but only after ${tries} without an answer`,
  }
}

function toVerdict(message: DnsMessage): Verdict {
  const { status, answers, flags, type } = message
  const what = message.name === '' ? 'the name' : message.name
  if (status === 'NXDOMAIN' && endOfChain(answers) !== '') {
    return { severity: 'bad', headline: `${what} is an alias of ${endOfChain(answers)}, which does not exist` }
  }
  if (status !== 'NOERROR') return sayCode(what, status)
  if (flags.includes('tc')) {
    return { severity: 'warn', headline: `The answer for ${what} is cut, too big for UDP: ask with \`+tcp\`` }
  }
  if (answers.length === 0) return sayNoAnswer(what, message)
  const verdict = sayRecords(what, type, answers)
  if (!isAliasOnly(answers, type)) return verdict
  const isFinal = message.authority.some((record) => record.type === 'SOA') || !isReferral(message)
  const isAnsweredByResolver = flags.includes('rd') && flags.includes('ra')
  return isFinal && (isAnsweredByResolver || message.authority.length > 0)
    ? verdict
    : { severity: 'ok', headline: `${what} is an alias of ${endOfChain(answers)}; this server says no more about it` }
}

/** Returns the headline of a response code other than NOERROR. */
export function sayCode(what: string, status: string): Verdict {
  const meaning = codes[status]
  return { severity: 'bad', headline: `${what}: ${status}${meaning === undefined ? '' : `, ${meaning}`}` }
}

function isAliasOnly(answers: readonly DnsRecord[], type: string): boolean {
  return (
    !['CNAME', 'ANY', 'DNAME', ''].includes(type) &&
    answers.every((record) => ['CNAME', 'DNAME', 'RRSIG'].includes(record.type))
  )
}

/** Returns the name that a chain of aliases ends with. */
function endOfChain(answers: readonly DnsRecord[]): string {
  return withoutDot(answers.findLast(({ type }) => type === 'CNAME')?.data ?? '')
}

function sayRecords(what: string, type: string, records: readonly DnsRecord[]): Verdict {
  const wanted = records.filter((record) => record.type === type)
  if (wanted.length > 0) {
    return { severity: 'ok', headline: `${what} is ${listed([...new Set(wanted.map(({ data }) => data))])}` }
  }
  if (isAliasOnly(records, type) && endOfChain(records) !== '') {
    return { severity: 'warn', headline: `${what} is an alias of ${endOfChain(records)}, which has no ${type} record` }
  }
  return { severity: 'ok', headline: `${what} has ${count(records.length, 'record')}` }
}

/** Returns true where the server names others instead of answering. */
function isReferral({ flags, authority }: DnsMessage): boolean {
  return (
    !flags.includes('aa') &&
    authority.some(({ type }) => type === 'NS') &&
    !authority.some(({ type }) => type === 'SOA')
  )
}

function sayNoAnswer(what: string, message: DnsMessage): Verdict {
  const { authority, flags, type, counts } = message
  const server = message.server ?? 'This server'
  const record = `${type === '' ? 'such' : type} record`
  if (isReferral(message)) {
    const names = authority.filter((each) => each.type === 'NS').map(({ data }) => withoutDot(data))
    return { severity: 'ok', headline: `${server} does not know ${what}: it refers to ${listed(names)}` }
  }
  if (flags.includes('aa') || authority.some((each) => each.type === 'SOA')) {
    return { severity: 'warn', headline: `${what} exists, but has no ${record}` }
  }
  // Without the authority section (`+noauthority`), a referral and a missing record look alike.
  const isHidden = counts.authority > 0 && authority.length === 0
  if (isHidden || (flags.includes('rd') && flags.includes('ra'))) {
    return { severity: 'warn', headline: `No ${record} of ${what} came` }
  }
  return { severity: 'warn', headline: `${server} does not know ${what}` }
}

function sayShort({ name, type, lines, failedTries }: Extract<DnsData, { kind: 'short' }>): Insight {
  const isAddress = type === 'A' || type === 'AAAA'
  const found = isAddress ? lines.filter((line) => addressForm.test(line)) : lines
  const alias = withoutDot(lines.at(-1) ?? '')
  const verdict: Verdict =
    lines.length === 0
      ? { severity: 'warn', headline: `No ${type} record of ${name} came; without \`+short\`, dig says why` }
      : found.length === 0
        ? { severity: 'warn', headline: `${name} is an alias of ${alias}, which has no address` }
        : { severity: 'ok', headline: `${name} is ${listed([...new Set(found)])}` }
  return { ...withFailedTries(verdict, failedTries), facts: factsOf({ answers: String(found.length) }) }
}

/** Returns that no name server answered. */
export function sayNoServer({ server, why }: NoServer): Insight {
  const headline =
    server === undefined || why === undefined
      ? 'No name server answered'
      : `No name server answered: ${server.replace('#', ' port ')}: ${why}`
  return { severity: 'bad', headline, facts: [] }
}
