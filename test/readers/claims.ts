import type { Insight } from '#core/request/insight'
import type { Case } from './case.ts'

/** Returns what is wrong with a headline, or undefined where the output (or the oracle) proves it. */
type Proof = (found: readonly string[], each: Case) => string | undefined
/** Claim that a headline may make: the tool, the expression that recognises it, and its proof. */
type Claim = readonly [tool: RegExp, headline: RegExp, proof: Proof]

const record = (value: unknown) =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(record) : [])
const unless = (isProven: boolean, otherwise: string) => (isProven ? undefined : otherwise)
const linesOf = (each: Case, pattern: RegExp) => each.text.split('\n').filter((line) => pattern.test(line))
/** Leaves out comments and quoted texts, which may hold any word. */
const withoutQuotes = (text: string) => text.replace(/"[^"\n]*"/g, '""').replace(/#.*$/gm, '')

/** Lines of a list of sockets that are sockets of the Internet protocols. */
const socketLine =
  /^\s*(?:(?:tcp|udp|udplite|raw|sctp|dccp|mptcp)[46]{0,2}\S*\s|(?:UNCONN|ESTAB|LISTEN|TIME-WAIT|SYN-SENT|CLOSE-WAIT|FIN-WAIT-[12]|LAST-ACK|SYN-RECV|CLOSING)\s+\d)/

function judgePing(what: 'none' | 'some' | 'all', share?: string): Proof {
  return (found, each) => {
    const { packets_transmitted: sent, packets_received: received, duplicates } = record(each.oracle)
    const [transmitted, answered] = [Number(sent), Number(received)]
    if (!Number.isFinite(transmitted) || !Number.isFinite(answered)) return 'the oracle has no counts'
    const host = found[1] ?? ''
    if (/[(]/.test(host)) return `"${host}" is no name of a host`
    if (what === 'all') return unless(answered === 0 && Number(duplicates ?? 0) === 0, `${answered} answers came`)
    if (what === 'none') return unless(answered >= transmitted, `only ${answered} of ${transmitted} came`)
    const loss = Number(found[2] ?? share)
    const real = (100 * (transmitted - answered)) / transmitted
    return unless(Math.abs(loss - real) <= 0.6, `loss is ${real}`)
  }
}

type Message = { status: unknown; answers: Record<string, unknown>[]; flags: string[]; authority: number; name: string }
function messageOf(each: Case): Message | string {
  const first = Array.isArray(each.oracle) ? record(each.oracle[0]) : undefined
  const headers = linesOf(each, /->>HEADER<<-/)
  if (headers.length > 1) return 'several answers, one headline'
  if (first?.['status'] === undefined) {
    const [, status] = /status: (\w+)/.exec(headers[0] ?? '') ?? []
    const [, flags = '', , authority] = /^;; flags: ([a-z ]*);.*ANSWER: (\d+), AUTHORITY: (\d+)/m.exec(each.text) ?? []
    const answers = [...each.text.matchAll(/^([^;\s]\S*)\s+(?:\d+\s+)?(?:IN\s+)?([A-Z0-9]+)\s+(\S.*)$/gm)].map(
      ([, name, type, data]) => ({ name, type, data }),
    )
    return { status, answers, flags: flags.split(' '), authority: Number(authority), name: '' }
  }
  return {
    status: first['status'],
    answers: list(first['answer']),
    flags: Array.isArray(first['flags']) ? first['flags'].map(String) : [],
    authority: Number(first['authority_num']),
    name: String(record(first['question'])['name'] ?? ''),
  }
}

const dataOf = (answers: readonly Record<string, unknown>[]) =>
  answers.map(({ data }) => String(data).replaceAll('"', ''))

const judgeRecords: Proof = (found, each) => {
  const message = messageOf(each)
  if (typeof message === 'string') return message
  const named = (found[2] ?? '').replace(/ and \d+ more$/, '').replaceAll('"', '')
  const data = dataOf(message.answers)
  const parts = data.filter((value) => value !== '' && named.includes(value.replace(/\.$/, '')))
  return unless(
    parts.length > 0 || data.some((value) => value.startsWith(named)),
    `"${named}" isn't among ${data.join()}`,
  )
}

const judgeNoRecord: Proof = (_, each) => {
  const message = messageOf(each)
  if (typeof message === 'string') return message
  if (message.status !== 'NOERROR') return `the status is ${String(message.status)}`
  if (message.answers.length > 0) return `${message.answers.length} answers came`
  const isReferral = !message.flags.includes('aa') && message.authority > 0 && !/\sSOA\s/.test(each.text)
  return unless(!isReferral, 'a referral')
}

const judgeStatus: Proof = (found, each) => {
  const message = messageOf(each)
  if (typeof message === 'string') return message
  return unless(
    message.status === found[1] || found[0]?.includes('alias') === true,
    `the status is ${String(message.status)}`,
  )
}

const judgeSockets: Proof = (found, each) => {
  const said = Number(found[1])
  const all = linesOf(each, socketLine)
  const tcp = all.filter((line) => !/^\s*(?:udp|udplite|raw|UNCONN)/.test(line))
  const unix = linesOf(each, /^\s*(?:unix|u_str|u_dgr|u_seq|nl|p_raw|p_dgr|v_str|icmp6?)\b/)
  const counted = /\bTCP socket/.test(found[0] ?? '') ? tcp.length : all.length + unix.length
  return unless(
    said === counted || (/(?:TCP|UDP) socket/.test(found[0] ?? '') && said === all.length),
    `${counted} sockets are listed (${all.length} of the Internet, ${unix.length} others)`,
  )
}

const judgeNothingListens: Proof = (_, each) =>
  unless(linesOf(each, /\bLISTEN(?:ING)?\b|^udp|^raw|\bUNCONN\b/).length === 0, 'sockets are listed')

const judgeNamed =
  (column: RegExp): Proof =>
  (found, each) => {
    const names = (found[1] ?? '').replace(/ and \d+ more$/, '').split(', ')
    const wrong = names.filter((name) => !linesOf(each, column).some((line) => line.includes(name)))
    return unless(wrong.length === 0, `not so: ${wrong.join()}`)
  }

const isDown = /^\d+: (?!.*<[^>]*\bUP\b)|NO-CARRIER|state (?:DOWN|LOWERLAYERDOWN)|\sDOWN\s|LOWERLAYERDOWN/
const linkLines = (each: Case) => linesOf(each, /^\d+: [^:]+: <|^\S+\s+(?:UP|DOWN|UNKNOWN|LOWERLAYERDOWN)\s/)
const downLinks = (each: Case) => linkLines(each).filter((line) => isDown.test(line))

const judgeDown: Proof = (found, each) => {
  const down = downLinks(each)
  if (Number(found[1]) !== down.length) return `${down.length} links are down`
  const names = (found[2] ?? '').replace(/ and \d+ more$/, '').split(', ')
  return unless(
    names.every((name) => down.some((line) => line.includes(name))),
    'another link is down',
  )
}

const judgeDefault: Proof = (found, each) =>
  unless(
    (found[1] ?? '')
      .replace(/ and \d+ more$/, '')
      .split(', ')
      .every(
        (gateway) => gateway !== '' && linesOf(each, /^default|^\s+nexthop/).some((line) => line.includes(gateway)),
      ),
    'no default route there',
  )

const tablesDrops = (each: Case) =>
  withoutQuotes(each.text)
    .split('\n')
    .filter((line) =>
      /^\s*(?:num +)?(?:\d+\s+)?(?:\d+[KMGT]?\s+\d+[KMGT]?\s+)?(?:DROP|REJECT)\s|-[jg] (?:DROP|REJECT)\b/.test(line),
    )
const tablesPolicies = (each: Case) => linesOf(each, /^:\S+ DROP|^-P \S+ DROP|^Chain \S+ \(policy DROP/)

const nftText = (each: Case) => withoutQuotes(each.text)
const nftDrops = (each: Case) =>
  nftText(each)
    .split('\n')
    .filter((line) => /(?:^|[\s:])(?:drop|reject)\b/.test(line) && !/policy drop|^\s*(?:chain|jump|goto) /.test(line))

function judgeNoDrops(each: Case): string | undefined {
  if (each.argv[0] === 'nft') {
    if (/"(?:drop|reject)"/.test(each.text)) return 'JSON that drops'
    return unless(!/\b(?:drop|reject)\b/.test(nftText(each)), 'something drops')
  }
  return unless(tablesDrops(each).length + tablesPolicies(each).length === 0, 'something drops')
}

const judgeCanDrop: Proof = (found, each) => {
  const drops = each.argv[0] === 'nft' ? nftDrops(each) : tablesDrops(each)
  if (Number(found[1]) !== drops.length) return `${drops.length} rules can drop`
  const hint = /`(-\w)`/.exec(found[0] ?? '')?.[1]
  const real = each.argv[0]?.endsWith('-save') ? '-c' : each.argv[0] === 'nft' ? undefined : '-v'
  return unless(hint === undefined || hint === real, `${each.argv[0]} has no counters by ${hint}`)
}

const judgeArrived: Proof = (found, each) => {
  const { destination_ip: ip, hops } = record(each.oracle)
  const hop = list(hops).find((one) => list(one['probes']).some((probe) => probe['ip'] === ip))
  return unless(
    hop !== undefined && Number(hop['hop']) === Number(found[2]),
    `hop ${String(hop?.['hop'])} is the first of ${String(ip)}`,
  )
}
const judgeNotArrived: Proof = (_, each) => {
  const { destination_ip: ip, hops } = record(each.oracle)
  const isReached = list(hops).some((one) => list(one['probes']).some((probe) => probe['ip'] === ip))
  if (isReached) return 'it is reached'
  const [, limit] = /, (\d+) hops max/.exec(each.text) ?? []
  const last = list(hops).at(-1)
  const lastAnswers = list(last?.['probes']).some((probe) => probe['ip'] !== null && probe['annotation'] === null)
  return unless(!(Number(limit) === Number(last?.['hop']) && lastAnswers), 'ended by its limit of hops')
}

const unitRows = (each: Case, state: RegExp) =>
  linesOf(each, /^[●×*]?\s*\S+\.\w+\s+(?:loaded|not-found|masked|error)\s/).filter((line) => state.test(line))

const claims: readonly Claim[] = [
  [/^ping$/, /^(\S+|the host) answers: no loss(?:, .* on average)?$/, judgePing('none')],
  [/^ping$/, /^(\S+) answers with (\S+) % loss$/, judgePing('some')],
  [
    /^ping$/,
    /^(\S+) answers, .*\b(?:twice|more than once)/,
    (_, each) => unless(Number(record(each.oracle)['duplicates']) > 0 || each.text.includes('DUP!'), 'no duplicates'),
  ],
  [/^ping$/, /^(\S+) (?:doesn't answer|can't be reached)/, judgePing('all')],
  [/^(?:dig|drill)$/, /^(\S+) is (?!an alias)(.+?)(?:; .*| \(.*\))?$/, judgeRecords],
  [/^(?:dig|drill)$/, /^(\S+) is an alias of (\S+?),/, judgeRecords],
  [
    /^(?:dig|drill)$/,
    /^(\S+) has (\d+) records?$/,
    (found, each) => {
      const message = messageOf(each)
      return typeof message === 'string'
        ? message
        : unless(message.answers.length === Number(found[2]), `${message.answers.length} answers`)
    },
  ],
  [/^(?:dig|drill)$/, /exists, but has no|has no \S+ record/, judgeNoRecord],
  [/^(?:dig|drill)$/, /: ([A-Z]+)(?:,|$)/, judgeStatus],
  [
    /^(?:dig|drill)$/,
    /refer|delegate/,
    (_, each) => {
      const message = messageOf(each)
      return typeof message === 'string'
        ? message
        : unless(message.answers.length === 0 && !message.flags.includes('aa') && message.authority > 0, 'no referral')
    },
  ],
  [/^(?:ss|netstat)$/, /^(?:Nothing listens|No such socket)/, judgeNothingListens],
  [/^(?:ss|netstat)$/, /^(\d+) (?:\S+ )?sockets?\b/, judgeSockets],
  [/^(?:ss|netstat)$/, /without an answer yet: (.+)$/, judgeNamed(/SYN.SENT/)],
  [
    /^(?:ss|netstat)$/,
    /^(\d+) connections that the other side has closed/,
    (found, each) => unless(linesOf(each, /CLOSE.WAIT/).length === Number(found[1]), 'another number'),
  ],
  [/^(?:ss|netstat)$/, /queue of new connections is full on (.+?):/, judgeNamed(/\bLISTEN\b/)],
  [
    /^(?:ss|netstat)$/,
    /unread|receive queue/,
    (found, each) => unless(linesOf(each, /\s[1-9]\d{4,}\s/).length > 0, `no full queue: ${found[0]}`),
  ],
  [
    /^(?:ss|netstat)$/,
    /^(\d+) TCP connections? established$/,
    (found, each) => unless(each.text.includes(`estab ${found[1]},`), 'another number'),
  ],
  [/^ip$/, /^(\d+) links? down: (.+)$/, judgeDown],
  [
    /^ip$/,
    /^(?:All \d+ links|\S+) (?:are|is) up/,
    (_, each) => unless(downLinks(each).length === 0 && linkLines(each).length > 0, 'a link is down'),
  ],
  [/^ip$/, /default route goes (?:via|by) (.*?)(?: \(.*\))?$/, judgeDefault],
  [
    /^ip$/,
    /^No default route/,
    (_, each) => unless(linesOf(each, /^(?:default|0\.0\.0\.0\/0|::\/0)/).length === 0, 'there is one'),
  ],
  [/^ip$/, /neighbours? .*(?:not answer|n't answer).*?: (.+)$/, judgeNamed(/FAILED|INCOMPLETE/)],
  [/^ip$/, /neighbours?\b/, (_, each) => unless(linesOf(each, /FAILED|INCOMPLETE/).length === 0, 'some failed')],
  [/^(?:ip6?tables|nft)/, /^Nothing (?:here|in the rules shown) drops packets/, (_, each) => judgeNoDrops(each)],
  [/^(?:ip6?tables|nft)/, /^Nothing dropped in the rules shown/, (_, each) => judgeNoDrops(each)],
  [/^(?:ip6?tables|nft)/, /^(?:Nothing was dropped yet; )?(\d+) rules? can drop.*$/, judgeCanDrop],
  [
    /^(?:ip6?tables|nft)/,
    /the policy of (.+?) is DROP/i,
    (found, each) =>
      unless(
        (found[1] ?? '')
          .split(', ')
          .every((name) =>
            new RegExp(`^(?::|-P |Chain )${name} \\(?(?:policy )?DROP|chain ${name} \\{[^}]*policy drop`, 'm').test(
              each.text,
            ),
          ),
        'another policy',
      ),
  ],
  [
    /^(?:ip6?tables|nft)/,
    /^Packets were dropped: .* \((\d+)\)/,
    (_, each) =>
      unless(
        tablesDrops(each).some((line) => /[1-9]/.test(line.slice(0, 20))) ||
          linesOf(each, /policy DROP [1-9]|^:\S+ DROP \[[1-9]/).length > 0 ||
          nftDrops(each).some((line) => /packets [1-9]/.test(line)),
        'no counter says so',
      ),
  ],
  [/^traceroute$/, /^(\S+) is reached in (\d+) hops?/, judgeArrived],
  [/^traceroute$/, /is not reached/, judgeNotArrived],
  [
    /^traceroute$/,
    /limit of (\d+) hops/,
    (found, each) => unless(each.text.includes(`${found[1]} hops max`), 'another limit'),
  ],
  [
    /^systemctl$/,
    /^No failed units?$/,
    (_, each) => unless(unitRows(each, /\sfailed\s/).length === 0 && /units listed/.test(each.text), 'not proven'),
  ],
  [
    /^systemctl$/,
    /^(\d+) failed units?: (.*)$/,
    (found, each) => unless(unitRows(each, /\sfailed\s/).length === Number(found[1]), 'another number'),
  ],
  [
    /^systemctl$/,
    /^(\d+) jobs?/,
    (found, each) => unless(each.text.includes(`${found[1]} jobs listed`), 'another number'),
  ],
  [/^sysctl$/, /table is/, (_, each) => unless(each.text.includes('nf_conntrack_count'), 'not there')],
  [
    /^curl$/,
    /[Aa]nswers (\d+)/,
    (found, each) =>
      unless([...each.text.matchAll(/^(?:< )?HTTP\/[\d.]+ (\d+)/gm)].at(-1)?.[1] === found[1], 'another status'),
  ],
  [
    /^openssl$/,
    /^The certificate: (\S+) days? left$/,
    (_, each) => unless(linesOf(each, /notAfter=|Not After/).length === 1, 'several certificates, one headline'),
  ],
  [
    /^openssl$/,
    /^The certificate: expired (\S+) days? ago$/,
    (_, each) => unless(linesOf(each, /notAfter=|Not After/).length === 1, 'several certificates, one headline'),
  ],
  [
    /^openssl$/,
    /^(?:The first of )?(\d+) certificates/,
    (found, each) => unless(linesOf(each, /notAfter=|Not After/).length === Number(found[1]), 'another number'),
  ],
  [/^openssl$/, /trusted/, (_, each) => unless(/Verify return code/.test(each.text), 'nothing was verified')],
  [
    /^tcpdump$/,
    /^(\d+) packets? captured/,
    (found, each) => unless(each.text.includes(`\n${found[1]} packets captured`), 'another number'),
  ],
  [/^tcpdump$/, /^Connections were reset: (?:by )?(.+)$/, (_, each) => unless(/Flags \[R/.test(each.text), 'no reset')],
  [
    /^tcpdump$/,
    /attempts? without an answer: (.+)$/,
    (found, each) =>
      unless(
        (found[1] ?? '')
          .split(', ')
          .every((to) => !each.text.includes(`IP ${to} > `) && !each.text.includes(`IP6 ${to} > `)),
        'it answers',
      ),
  ],
  [
    /^journalctl$/,
    /^(\d+) lines? of/,
    (found, each) => unless(linesOf(each, /^\S+ +\d+ \d\d:|^\d{4}-/).length === Number(found[1]), 'another number'),
  ],
  [/^journalctl$/, /^No e/, (_, each) => unless(/-- No entries --/.test(each.text), 'there are entries')],
]

/** Returns what is wrong with what is said about an output, or undefined. A headline that no claim recognises counts too. */
export function judge(each: Case, insight: Insight | undefined): string | undefined {
  const answer = insight === undefined ? '' : textOf(insight)
  const unsaid = (each.says ?? []).find((pattern) => !new RegExp(pattern).test(answer))
  if (insight !== undefined && each.silent) return `says "${answer}"`
  const wrong = (each.never ?? []).find((pattern) => new RegExp(pattern).test(answer))
  if (wrong !== undefined) return `says "${answer}"`
  if (insight !== undefined && unsaid !== undefined) return `says "${answer}", not "${unsaid}"`
  if (insight === undefined || each.says !== undefined) return undefined
  const claim = claims.find(([tool, headline]) => tool.test(each.argv[0] ?? '') && headline.test(insight.headline))
  if (claim === undefined) return `no claim recognises "${answer}"`
  const problem = claim[2](claim[1].exec(insight.headline) ?? [], each)
  return problem === undefined ? undefined : `says "${answer}": ${problem}`
}

/** Returns what is said as one line: severity, headline, facts. */
export function textOf({ severity, headline, facts }: Insight): string {
  return `${severity}: ${headline}${facts.map(({ name, value }) => `; ${name}=${value}`).join('')}`
}
