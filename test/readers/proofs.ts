import type { Case } from './case.ts'

/** Returns what is wrong with a headline, or undefined where the output (or the oracle) proves it. */
export type Proof = (found: readonly string[], each: Case) => string | undefined
export const record = (value: unknown) =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
const list = (value: unknown): Record<string, unknown>[] => (Array.isArray(value) ? value.map(record) : [])
export const unless = (isProven: boolean, otherwise: string) => (isProven ? undefined : otherwise)
export const linesOf = (each: Case, pattern: RegExp) => each.text.split('\n').filter((line) => pattern.test(line))
/** Leaves out comments and quoted texts, which may hold any word. */
const withoutQuotes = (text: string) => text.replace(/"[^"\n]*"/g, '""').replace(/#.*$/gm, '')

/** Lines of a list of sockets that are sockets of the Internet protocols. */
const socketLine =
  /^\s*(?:(?:tcp|udp|udplite|raw|sctp|dccp|mptcp)[46]{0,2}\S*\s|(?:UNCONN|ESTAB|LISTEN|TIME-WAIT|SYN-SENT|CLOSE-WAIT|FIN-WAIT-[12]|LAST-ACK|SYN-RECV|CLOSING)\s+\d)/

export function judgePing(what: 'none' | 'some' | 'all', share?: string): Proof {
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
export function messageOf(each: Case): Message | string {
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

export const judgeRecords: Proof = (found, each) => {
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

export const judgeNoRecord: Proof = (_, each) => {
  const message = messageOf(each)
  if (typeof message === 'string') return message
  if (message.status !== 'NOERROR') return `the status is ${String(message.status)}`
  if (message.answers.length > 0) return `${message.answers.length} answers came`
  const isReferral = !message.flags.includes('aa') && message.authority > 0 && !/\sSOA\s/.test(each.text)
  return unless(!isReferral, 'a referral')
}

export const judgeStatus: Proof = (found, each) => {
  const message = messageOf(each)
  if (typeof message === 'string') return message
  return unless(
    message.status === found[1] || found[0]?.includes('alias') === true,
    `the status is ${String(message.status)}`,
  )
}

export const judgeSockets: Proof = (found, each) => {
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

export const judgeNothingListens: Proof = (_, each) =>
  unless(linesOf(each, /\bLISTEN(?:ING)?\b|^udp|^raw|\bUNCONN\b/).length === 0, 'sockets are listed')

export const judgeNamed =
  (column: RegExp): Proof =>
  (found, each) => {
    const names = (found[1] ?? '')
      .replace(/ and \d+ more$/, '')
      .replaceAll(/ \([^)]*\)/g, '')
      .split(', ')
    const wrong = names.filter((name) => !linesOf(each, column).some((line) => line.includes(name)))
    return unless(wrong.length === 0, `not so: ${wrong.join()}`)
  }

const isDown = /^\d+: (?!.*<[^>]*\bUP\b)|NO-CARRIER|state (?:DOWN|LOWERLAYERDOWN)|\sDOWN\s|LOWERLAYERDOWN/
export const linkLines = (each: Case) => linesOf(each, /^\d+: [^:]+: <|^\S+\s+(?:UP|DOWN|UNKNOWN|LOWERLAYERDOWN)\s/)
/** Devices that the kernel makes when modules of tunnels are loaded. */
const fallback = /^(?:\d+: )?(?:tunl0|gre0|gretap0|erspan0|sit0|ip6tnl0|ip6gre0|ip_vti0|ip6_vti0)[@:\s]/
export const downLinks = (each: Case) => linkLines(each).filter((line) => isDown.test(line) && !fallback.test(line))

export const judgeDown: Proof = (found, each) => {
  const down = downLinks(each)
  if (Number(found[1]) !== down.length) return `${down.length} links are down`
  const names = (found[2] ?? '').replace(/ and \d+ more$/, '').split(', ')
  return unless(
    names.every((name) => down.some((line) => line.includes(name))),
    'another link is down',
  )
}

export const judgeDefault: Proof = (found, each) =>
  unless(
    (found[1] ?? '')
      .replace(/ and \d+ more$/, '')
      .split(', ')
      .every(
        (gateway) => gateway !== '' && linesOf(each, /^default|^\s+nexthop/).some((line) => line.includes(gateway)),
      ),
    'no default route there',
  )

export const tablesDrops = (each: Case) =>
  withoutQuotes(each.text)
    .split('\n')
    .filter((line) =>
      /^\s*(?:num +)?(?:\d+\s+)?(?:\d+[KMGT]?\s+\d+[KMGT]?\s+)?(?:DROP|REJECT)\s|-[jg] (?:DROP|REJECT)\b/.test(line),
    )
const tablesPolicies = (each: Case) => linesOf(each, /^:\S+ DROP|^-P \S+ DROP|^Chain \S+ \(policy DROP/)

const nftText = (each: Case) => withoutQuotes(each.text)
export const nftDrops = (each: Case) =>
  nftText(each)
    .split('\n')
    .filter((line) => /(?:^|[\s:])(?:drop|reject)\b/.test(line) && !/policy drop|^\s*(?:chain|jump|goto) /.test(line))

export function judgeNoDrops(each: Case): string | undefined {
  if (each.argv[0] === 'nft') {
    if (/"(?:drop|reject)"/.test(each.text)) return 'JSON that drops'
    return unless(!/\b(?:drop|reject)\b/.test(nftText(each)), 'something drops')
  }
  return unless(tablesDrops(each).length + tablesPolicies(each).length === 0, 'something drops')
}

export const judgeCanDrop: Proof = (found, each) => {
  const isNft = each.argv[0] === 'nft'
  // A rule of nft may take several lines, and an element of a map counts like a rule.
  const words = nftText(each).match(/(?:^|[\s:])(?:drop|reject)\b/gm)?.length ?? 0
  const drops = isNft ? words - (nftText(each).match(/policy drop/g)?.length ?? 0) : tablesDrops(each).length
  const said = Number(found[1])
  if (isNft ? said < 1 || said > drops : said !== drops) return `${drops} rules can drop`
  const hint = /`(-\w)`/.exec(found[0] ?? '')?.[1]
  const real = each.argv[0]?.endsWith('-save') ? '-c' : each.argv[0] === 'nft' ? undefined : '-v'
  return unless(hint === undefined || hint === real, `${each.argv[0]} has no counters by ${hint}`)
}

export const judgeArrived: Proof = (found, each) => {
  const { destination_ip: ip, hops } = record(each.oracle)
  const hop = list(hops).find((one) => list(one['probes']).some((probe) => probe['ip'] === ip))
  return unless(
    hop !== undefined && Number(hop['hop']) === Number(found[2]),
    `hop ${String(hop?.['hop'])} is the first of ${String(ip)}`,
  )
}
export const judgeNotArrived: Proof = (_, each) => {
  const { destination_ip: ip, hops } = record(each.oracle)
  const isReached = list(hops).some((one) => list(one['probes']).some((probe) => probe['ip'] === ip))
  if (isReached) return 'it is reached'
  const [, limit] = /, (\d+) hops max/.exec(each.text) ?? []
  const last = list(hops).at(-1)
  const lastAnswers = list(last?.['probes']).some((probe) => probe['ip'] !== null && probe['annotation'] === null)
  return unless(!(Number(limit) === Number(last?.['hop']) && lastAnswers), 'ended by its limit of hops')
}

export const unitRows = (each: Case, state: RegExp) =>
  linesOf(each, /^[●×*]?\s*\S+\.\w+\s+(?:loaded|not-found|masked|error)\s/).filter((line) => state.test(line))
