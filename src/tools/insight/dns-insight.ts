import type { Insight, ReadOutput } from '#core/request/insight'
import { count } from '#core/util/units'
import { factsOf, firstMatch, linesOf, listed, matching } from './match-lines.ts'

/** Explanations of DNS response codes. Source: RFC 1035. */
const codes: Readonly<Record<string, string>> = {
  NXDOMAIN: 'there is no such name',
  SERVFAIL: 'the name server failed: it could not reach another one, or the answer was not valid (DNSSEC)',
  REFUSED: 'the name server refuses such queries, or refuses us',
  FORMERR: 'the name server did not understand the query',
  NOTIMP: 'the name server does not support this',
  NOTAUTH: 'the name server is not responsible for this zone',
}

const record = /^(\S+)\s+(\d+)\s+IN\s+([A-Z0-9]+)\s+(\S.*)/

/** Reports status, records, server and time of one answer from `dig` or `drill`. */
export const digInsight: ReadOutput = ({ text }) => {
  const headers = matching(text, /^;; ->>HEADER<<- opcode: QUERY, (?:status|rcode): (\w+)/)
  const status = headers[0]?.[0]
  // Several questions have several answers, and a headline about one would hide the others.
  if (headers.length > 1) return undefined
  if (status === undefined) return toNoServerInsight(text)
  const answers = findAnswers(text)
  const [name = '', type = ''] = firstMatch(text, /^;{1,2}\s?(\S+?)\.?\s+IN\s+([A-Z0-9]+)$/) ?? []
  const flags = firstMatch(text, /^;; flags: ([a-z ]*)/)?.[0]?.split(' ') ?? []
  const [queryTime] = firstMatch(text, /^;; Query time: (\d+) [mu]sec/) ?? []
  const [server] = firstMatch(text, /^;; SERVER: ([^\s(]+)(?:\(.*)?$/) ?? []
  const truncated = flags.includes('tc') || /^;; Truncated, retrying in TCP mode/m.test(text)
  return {
    ...toVerdict(status, answers, { name, type }),
    facts: factsOf({
      status,
      answers: status === 'NOERROR' ? String(answers.length) : undefined,
      TTL: answers[0] === undefined ? undefined : `${answers[0].ttl} s`,
      server,
      time: queryTime === undefined ? undefined : `${queryTime} ms`,
      truncated: truncated ? 'the answer was too big for UDP: is TCP 53 open?' : undefined,
    }),
  }
}

type Answer = { ttl: string; type: string; data: string }

function findAnswers(text: string): Answer[] {
  const lines = linesOf(text)
  const begin = lines.indexOf(';; ANSWER SECTION:')
  if (begin === -1) return []
  const section = lines.slice(begin + 1)
  const end = section.findIndex((line) => line === '' || line.startsWith(';;'))
  return matching(section.slice(0, end === -1 ? undefined : end).join('\n'), record).map(
    ([, ttl = '', type = '', data = '']) => ({ ttl, type, data }),
  )
}

function toVerdict(
  status: string,
  answers: readonly Answer[],
  { name, type }: { name: string; type: string },
): Pick<Insight, 'severity' | 'headline'> {
  const what = name === '' ? 'the name' : name
  if (status !== 'NOERROR') {
    const meaning = codes[status]
    return { severity: 'bad', headline: `${what}: ${status}${meaning === undefined ? '' : `, ${meaning}`}` }
  }
  const wanted = answers.filter((answer) => answer.type === type)
  if (wanted.length > 0)
    return { severity: 'ok', headline: `${what} is ${listed([...new Set(wanted.map(({ data }) => data))])}` }
  if (answers.length > 0) {
    return { severity: 'ok', headline: `${what} has ${count(answers.length, 'record')}` }
  }
  return { severity: 'warn', headline: `${what} exists, but has no ${type === '' ? 'such' : type} record` }
}

function toNoServerInsight(text: string): Insight | undefined {
  const [server, why] = firstMatch(text, /^;; communications error to (\S+?): (.+)$/) ?? []
  if (!/^;; (?:connection timed out; )?no servers could be reached/m.test(text)) return undefined
  const headline =
    server === undefined || why === undefined
      ? 'No name server answered'
      : `No name server answered: ${server.replace('#', ' port ')}: ${why}`
  return { severity: 'bad', headline, facts: [] }
}

/** Reports the answer from `nslookup` of BIND or busybox. */
export const nslookupInsight: ReadOutput = ({ text }) => {
  const [server] = firstMatch(text, /^Server:\s+(\S+)/) ?? []
  const [name, code] = firstMatch(text, /^\*\* server can't find (\S+?): (\w+)/) ?? []
  if (name !== undefined && code !== undefined) {
    return { ...toVerdict(code, [], { name, type: '' }), facts: factsOf({ status: code, server }) }
  }
  if (server === undefined) return toNoServerInsight(text)
  const [first] = firstMatch(text, /^Name:\s+(\S+)/) ?? []
  // The first address is that of the name server.
  const addresses = matching(text, /^Address(?: \d+)?:\s+(\S+)/).slice(1)
  if (first === undefined || addresses.length === 0) return undefined
  const found = [...new Set(addresses.map(([address = '']) => address))]
  return {
    severity: 'ok',
    headline: `${first} is ${listed(found)}`,
    facts: factsOf({ answers: String(found.length), server }),
  }
}
