import type { Insight } from '#core/request/insight'
import type { Case } from './case.ts'
import {
  downLinks,
  judgeArrived,
  judgeCanDrop,
  judgeDefault,
  judgeDown,
  judgeNamed,
  judgeNoDrops,
  judgeNoRecord,
  judgeNotArrived,
  judgeNothingListens,
  judgePing,
  judgeRecords,
  judgeSockets,
  judgeStatus,
  linesOf,
  linkLines,
  messageOf,
  nftDrops,
  type Proof,
  record,
  tablesDrops,
  unitRows,
  unless,
} from './proofs.ts'

/** Claim that a headline may make: the tool, the expression that recognises it, and its proof. */
type Claim = readonly [tool: RegExp, headline: RegExp, proof: Proof]

const claims: readonly Claim[] = [
  [
    /^systemctl$/,
    /^The system is (\w+)(?:: (\d+) failed units?|; no failed units)$/,
    (found, each) =>
      unless(
        each.text.includes(`State: ${found[1]}`) && each.text.includes(`Failed: ${found[2] ?? 0} unit`),
        'another state',
      ),
  ],
  [
    /^systemctl$/,
    /^(\S+\.\w+) (?:is|has) (\w+)/,
    (found, each) => unless(each.text.includes(`Active: ${found[2]}`), 'another state'),
  ],
  [
    /^systemctl$/,
    /^All (\d+) units are active$/,
    (found, each) => unless(linesOf(each, /^\s+Active: active/).length === Number(found[1]), 'another number'),
  ],
  [
    /^netstat$/,
    /default route goes via (.+)$/,
    (found, each) =>
      unless(
        (found[1] ?? '')
          .split(', ')
          .every((gateway) => linesOf(each, /^(?:default|0\.0\.0\.0)\s/).some((line) => line.includes(gateway))),
        'no default route there',
      ),
  ],
  [
    /^netstat$/,
    /^No errors or drops/,
    (_, each) =>
      unless(
        linesOf(each, /^\S+\s+\d+\s/).every(
          (line) =>
            line
              .split(/\s+/)
              .slice(2)
              .filter((field) => /^\d+$/.test(field)).length >= 6,
        ),
        'no counters',
      ),
  ],
  [/^netstat$/, /^Errors or drops since the start on (.+)$/, judgeNamed(/^\S+\s+\d+\s/)],
  [/^(?:ss|netstat)$/, /^No .*connection.*; listeners are not shown$/, judgeNothingListens],
  [/^(?:ss|netstat)$/, /^New connections wait on (\S+):/, judgeNamed(/\bLISTEN\b/)],
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
  [/^(?:ip6?tables|nft)/, /^Nothing (?:here|in .+) drops packets/, (_, each) => judgeNoDrops(each)],
  [/^(?:ip6?tables|nft)/, /^Nothing dropped in the rules shown/, (_, each) => judgeNoDrops(each)],
  [
    /^(?:ip6?tables|nft)/,
    /^(?:Nothing was dropped yet; |No rule dropped anything yet; )?(\d+) rules? can drop.*$/,
    judgeCanDrop,
  ],
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
